"""Cases cut out of OpenStreetMap: the place and its subdistricts, and all that is in them."""
