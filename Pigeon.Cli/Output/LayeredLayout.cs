using QuikGraph;
using QuikGraph.Algorithms;

namespace Pigeon.Cli;

/// <summary>Where a box, or the bend of an arrow that passes a layer, stands.</summary>
/// <param name="box">The box; null for a bend.</param>
/// <param name="width">Its width in pixels.</param>
internal sealed class Slot(Box? box, double width)
{
    public Box? Box => box;

    public double Width => width;

    /// <summary>The middle, in pixels from the left.</summary>
    public double X { get; set; }

    /// <summary>The slots of the layer above that lead here.</summary>
    public List<Slot> Above { get; } = [];

    /// <summary>The slots of the layer below that this leads to.</summary>
    public List<Slot> Below { get; } = [];
}

/// <summary>
/// Places a diagram in layers from top to bottom (Sugiyama, Tagawa and Toda 1981): a box stands below all that it depends on, an
/// arrow over several layers bends in each, and slots are moved towards the middle of their neighbours to spare crossings.
/// </summary>
internal sealed class LayeredLayout
{
    private const double Gap = 24;
    private const int Sweeps = 8;
    private readonly List<List<Slot>> layers = [];

    private LayeredLayout()
    {
    }

    /// <summary>The slots, layer by layer from the top, each from left to right.</summary>
    public IReadOnlyList<IReadOnlyList<Slot>> Layers => layers;

    /// <summary>The width of all layers.</summary>
    public double Width => layers.Select(WidthOf).DefaultIfEmpty().Max() + (2 * Gap);

    /// <summary>Places the boxes of a diagram.</summary>
    /// <param name="diagram">The diagram.</param>
    /// <param name="widthOf">The width of a box in pixels.</param>
    public static LayeredLayout Of(Diagram diagram, Func<Box, double> widthOf)
    {
        var layout = new LayeredLayout();
        layout.Fill(diagram.Graph, widthOf);
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            layout.Sweep(fromTop: sweep % 2 == 0);
        }

        layout.Place();
        return layout;
    }

    private void Fill(BidirectionalGraph<Box, TaggedEdge<Box, string>> graph, Func<Box, double> widthOf)
    {
        const double bend = 8;
        Dictionary<Box, int> depths = Depths(graph);
        var slots = new Dictionary<Box, Slot>();
        foreach (Box box in depths.OrderBy(depth => depth.Value).Select(depth => depth.Key))
        {
            slots[box] = Add(depths[box], new(box, widthOf(box)));
        }

        foreach (TaggedEdge<Box, string> arrow in graph.Edges)
        {
            Slot from = slots[arrow.Source];
            for (int layer = depths[arrow.Source] + 1; layer < depths[arrow.Target]; layer++)
            {
                from = Join(from, Add(layer, new(null, bend)));
            }

            Join(from, slots[arrow.Target]);
        }
    }

    private Slot Add(int layer, Slot slot)
    {
        while (layers.Count <= layer)
        {
            layers.Add([]);
        }

        layers[layer].Add(slot);
        return slot;
    }

    private static Slot Join(Slot from, Slot to)
    {
        from.Below.Add(to);
        to.Above.Add(from);
        return to;
    }

    /// <summary>The layer of each box: below all that lead to it; one that nothing leads to stands just above its first user.</summary>
    private static Dictionary<Box, int> Depths(BidirectionalGraph<Box, TaggedEdge<Box, string>> graph)
    {
        var depths = new Dictionary<Box, int>();
        foreach (Box box in graph.TopologicalSort())
        {
            depths[box] = graph.InEdges(box).Select(arrow => depths[arrow.Source] + 1).DefaultIfEmpty().Max();
        }

        foreach (Box box in graph.Vertices.Where(box => graph.InDegree(box) == 0 && graph.OutDegree(box) > 0))
        {
            depths[box] = graph.OutEdges(box).Min(arrow => depths[arrow.Target]) - 1;
        }

        return depths;
    }

    private void Sweep(bool fromTop)
    {
        Place();
        IEnumerable<int> order = Enumerable.Range(0, layers.Count);
        foreach (int i in fromTop ? order : order.Reverse())
        {
            layers[i] = [.. layers[i].OrderBy(slot => Middle(fromTop ? slot.Above : slot.Below, slot.X))];
            Place(layers[i]);
        }
    }

    private static double Middle(List<Slot> neighbours, double otherwise) =>
        neighbours.Count == 0 ? otherwise : neighbours.Average(neighbour => neighbour.X);

    private void Place() => layers.ForEach(Place);

    private void Place(List<Slot> layer)
    {
        double x = (Width - WidthOf(layer)) / 2;
        foreach (Slot slot in layer)
        {
            slot.X = x + (slot.Width / 2);
            x += slot.Width + Gap;
        }
    }

    private static double WidthOf(List<Slot> layer) => layer.Sum(slot => slot.Width + Gap) - Gap;
}
