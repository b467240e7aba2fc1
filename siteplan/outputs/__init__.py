"""Records to files: outputs receive an Evaluation and never compute a judgement."""
