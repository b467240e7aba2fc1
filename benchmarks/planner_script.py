"""The script a planner would write without siteplan: OSMnx, networkx, GeoPandas and folium.

    python benchmarks/planner_script.py SOURCE OUT.html --crs EPSG:32632 --radius 1000

SOURCE is a folder that `python benchmarks/whole.py --keep SOURCE` makes: extract.osm.pbf, ways.osm
(the ways that are walked), subdistricts.geojson (code, name, population) and sites.geojson (id,
subdistrict). OUT.csv is written beside the map.

Everything is done at once for all buildings, each site is searched from once, and the ground beside
each road is drawn once for all sites. Sites and buildings are joined to the nearest node of the
graph, and the way to it counts. With --graph FILE the graph is kept there for the next run.
"""

import argparse
from pathlib import Path
from typing import Any

import branca
import folium
import geopandas
import networkx as nx
import numpy as np
import osmnx
import pandas as pd

BESIDE_M = 40.0  # beside a reached road a service area is drawn
SIMPLIFY_M = 4.0
RESIDENTIAL = {
    "annexe", "apartments", "bungalow", "cabin", "detached", "dormitory", "farm", "ger", "house",
    "houseboat", "residential", "semidetached_house", "static_caravan", "stilt_house", "terrace",
    "tree_house", "trullo",
}  # fmt: skip
OTHER_USE = ["amenity", "office", "shop", "tourism"]
Frame = Any  # a GeoDataFrame: GeoPandas publishes no types


def read_roads(ways: Path, crs: str, kept: Path | None) -> "nx.MultiDiGraph[int]":
    """Read the walkable roads, projected; from the file where they are kept, if it exists."""
    if kept and kept.exists():
        graph: nx.MultiDiGraph[int] = osmnx.load_graphml(kept)
        return graph
    graph = osmnx.project_graph(osmnx.graph_from_xml(ways, retain_all=True), to_crs=crs)
    if kept:
        osmnx.save_graphml(graph, kept)
    return graph


def read_homes(extract: Path, subdistricts: Frame) -> Frame:
    """Read residential buildings as points; share people by footprint × storeys."""
    where = "building IS NOT NULL"
    buildings = geopandas.read_file(extract, layer="multipolygons", where=where)
    used = buildings[OTHER_USE].notna().any(axis=1)
    used |= buildings["other_tags"].str.contains('"industrial"=>', regex=False, na=False)
    lived_in = buildings["building"].isin(RESIDENTIAL) | (buildings["building"].eq("yes") & ~used)
    homes = buildings.loc[lived_in, ["geometry"]].to_crs(subdistricts.crs)
    levels = buildings["other_tags"].str.extract(r'"building:levels"=>"([\d.]+)"')[0]
    homes["floor_m2"] = homes.area * levels.astype(float).fillna(1.0)
    homes["geometry"] = homes.centroid
    homes = homes.sjoin(subdistricts[["code", "population", "geometry"]], predicate="within")
    whole_m2 = homes.groupby("code")["floor_m2"].transform("sum")
    homes["people"] = homes["population"] * homes["floor_m2"] / whole_m2
    return homes.reset_index(drop=True)


def join_to_nodes(roads: "nx.MultiDiGraph[int]", points: Frame) -> None:
    """Add the nearest node of each point, and the way to it."""
    xy = (points.geometry.x, points.geometry.y)
    points["node"], points["leg_m"] = osmnx.nearest_nodes(roads, *xy, return_dist=True)


def search(roads: "nx.MultiGraph[int]", sites: Frame, radius_m: float) -> list["pd.Series[float]"]:
    """Measure how far it is from each site to each node within the radius."""
    walks = (
        nx.single_source_dijkstra_path_length(roads, node, cutoff=radius_m, weight="length")
        for node in sites["node"]
    )
    return [pd.Series(walk, dtype=float) for walk in walks]


def measure_homes(
    homes: Frame, sites: Frame, walks: list["pd.Series[float]"], radius_m: float
) -> None:
    """Tell which homes have a site of their own subdistrict within the radius, and in a circle."""
    walk_m, line_m = np.full(len(homes), np.inf), np.full(len(homes), np.inf)
    places = homes.groupby("code").indices
    for site, found in zip(sites.itertuples(), walks, strict=True):
        own = places.get(site.subdistrict, np.array([], dtype=int))
        some = homes.iloc[own]
        far_m = found.reindex(some["node"]).to_numpy() + some["leg_m"].to_numpy() + site.leg_m
        walk_m[own] = np.fmin(walk_m[own], far_m)
        line_m[own] = np.fmin(line_m[own], some.distance(site.geometry).to_numpy())
    homes["covered"], homes["circled"] = walk_m <= radius_m, line_m <= radius_m


def draw_areas(roads: "nx.MultiGraph[int]", sites: Frame, walks: list["pd.Series[float]"]) -> Frame:
    """Draw the ground beside the roads between the nodes that each site reaches."""
    edges = osmnx.graph_to_gdfs(roads, nodes=False)
    beside = edges.buffer(BESIDE_M, quad_segs=4)
    tail, head = (beside.index.get_level_values(end) for end in ("u", "v"))
    areas = [
        beside[tail.isin(found.index) & head.isin(found.index)].union_all().simplify(SIMPLIFY_M)
        for found in walks
    ]
    return geopandas.GeoDataFrame({"site": sites["id"]}, geometry=areas, crs=edges.crs)


def sum_up(subdistricts: Frame, homes: Frame) -> Frame:
    """Add up people by subdistrict; a subdistrict without homes has nobody covered."""
    people = homes["people"]
    figures = pd.DataFrame(
        {
            "covered_population": people.where(homes["covered"], 0.0).groupby(homes["code"]).sum(),
            "circled_population": people.where(homes["circled"], 0.0).groupby(homes["code"]).sum(),
        }
    )
    results = subdistricts.join(figures, on="code").fillna(dict.fromkeys(figures, 0.0))
    results["coverage_ratio"] = results["covered_population"] / results["population"]
    results["straight_line_ratio"] = results["circled_population"] / results["population"]
    return results


def draw_map(results: Frame, sites: Frame, areas: Frame, homes: Frame) -> folium.Map:
    """Draw subdistricts by coverage, service areas, uncovered buildings and sites."""
    west, south, east, north = results.to_crs("EPSG:4326").total_bounds
    page = folium.Map()
    page.fit_bounds([[south, west], [north, east]])
    colours = branca.colormap.LinearColormap(["#ffffe5", "#78c679", "#004529"], vmin=0, vmax=1)
    colours.caption = "residents within the radius on foot"
    colours.add_to(page)
    shown = results.assign(percent=(100 * results["coverage_ratio"]).round(1))
    shown["geometry"] = shown.simplify(SIMPLIFY_M)
    folium.GeoJson(
        shown[["code", "name", "population", "percent", "geometry"]],
        name="subdistricts",
        style_function=lambda feature: {
            "fillColor": colours(feature["properties"]["percent"] / 100),
            "color": "#555555",
            "weight": 1,
            "fillOpacity": 0.6,
        },
        tooltip=folium.GeoJsonTooltip(["name", "population", "percent"]),
    ).add_to(page)
    folium.GeoJson(
        areas,
        name="service areas",
        style_function=lambda _: {"color": "#2b6cb0", "weight": 1, "fillOpacity": 0.15},
    ).add_to(page)
    folium.GeoJson(
        homes.loc[~homes["covered"], ["geometry"]],
        name="uncovered buildings",
        marker=folium.CircleMarker(radius=2, color="#c53030", stroke=False, fill_opacity=0.6),
    ).add_to(page)
    folium.GeoJson(
        sites[["id", "subdistrict", "geometry"]],
        name="sites",
        marker=folium.CircleMarker(radius=5, color="#1a202c", fill=True),
        tooltip=folium.GeoJsonTooltip(["id", "subdistrict"]),
    ).add_to(page)
    folium.LayerControl().add_to(page)
    return page


def main() -> None:
    """Read, measure, draw and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--crs", required=True)
    parser.add_argument("--radius", type=float, required=True, metavar="METRES")
    parser.add_argument("--graph", type=Path, help="GraphML to keep the graph in between runs")
    options = parser.parse_args()
    source, radius_m = options.source, options.radius

    subdistricts = geopandas.read_file(source / "subdistricts.geojson").to_crs(options.crs)
    sites = geopandas.read_file(source / "sites.geojson").to_crs(options.crs)
    homes = read_homes(source / "extract.osm.pbf", subdistricts)
    directed = read_roads(source / "ways.osm", options.crs, options.graph)
    join_to_nodes(directed, sites)
    join_to_nodes(directed, homes)

    roads = directed.to_undirected()
    walks = search(roads, sites, radius_m)
    measure_homes(homes, sites, walks, radius_m)
    results = sum_up(subdistricts, homes)
    results.drop(columns="geometry").to_csv(options.out.with_suffix(".csv"), index=False)

    areas = draw_areas(roads, sites, walks)
    draw_map(results, sites, areas, homes).save(options.out)
    covered = results["covered_population"].sum() / results["population"].sum()
    print(f"{covered:.1%} of {results['population'].sum():,.0f} residents covered")


if __name__ == "__main__":
    main()
