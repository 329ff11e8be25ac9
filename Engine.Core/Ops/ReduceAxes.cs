using Engine.Kernels;

namespace Engine.Core;

/// <summary>Which axes of a shape a reduction takes away.</summary>
internal sealed class ReduceAxes
{
    private readonly Shape shape;
    private readonly bool[] reduced;

    private ReduceAxes(Shape shape, bool[] reduced) => (this.shape, this.reduced) = (shape, reduced);

    public static ReduceAxes From(Shape shape, ReadOnlySpan<int> axes)
    {
        var reduced = new bool[shape.Rank];
        foreach (int axis in axes)
        {
            int at = shape.Axis(axis);
            if (reduced[at]) throw new ShapeException($"Axis {axis} of {shape} is named twice.");
            reduced[at] = true;
        }
        if (axes.Length == 0) Array.Fill(reduced, true);
        return new ReduceAxes(shape, reduced);
    }

    /// <summary>The shape without the reduced axes, or with them of size 1.</summary>
    public Shape Result(bool keepDims)
    {
        if (keepDims) return Kept;
        Span<int> sizes = stackalloc int[shape.Rank];
        int rank = 0;
        for (int i = 0; i < reduced.Length; i++)
            if (!reduced[i]) sizes[rank++] = shape.Sizes[i];
        return new(sizes[..rank]);
    }

    /// <summary>The shape with the reduced axes of size 1.</summary>
    public Shape Kept
    {
        get
        {
            Span<int> sizes = stackalloc int[shape.Rank];
            for (int i = 0; i < reduced.Length; i++) sizes[i] = reduced[i] ? 1 : shape.Sizes[i];
            return new(sizes);
        }
    }

    /// <summary>How many numbers go into each result.</summary>
    public int Count
    {
        get
        {
            int count = 1;
            for (int i = 0; i < reduced.Length; i++)
                if (reduced[i]) count *= shape.Sizes[i];
            return count;
        }
    }

    /// <summary>Refuses to make results of fewer numbers than <paramref name="least"/>.</summary>
    /// <exception cref="ShapeException">There are fewer.</exception>
    public ReduceAxes Require(string op, int least = 1)
    {
        if (Count < least && Kept.Count > 0)
            throw new ShapeException($"{op}: each result over the axes {this} of {shape} is made of {Count} numbers, and it takes {least}. Leave such a tensor out.");
        return this;
    }

    /// <summary>One pass a group of neighbouring axes, from the last group to the first.</summary>
    public List<ReduceSizes> Passes()
    {
        if (shape.Rank == 0) return [new ReduceSizes(1, 1, 1)];
        var passes = new List<ReduceSizes>();
        int inner = 1;
        for (int i = shape.Rank - 1; i >= 0;)
        {
            int first = i;
            while (first > 0 && reduced[first - 1] == reduced[i]) first--;
            int size = shape.Product(first, i + 1);
            if (reduced[i]) passes.Add(new ReduceSizes(shape.Product(0, first), size, inner));
            else inner *= size;
            i = first - 1;
        }
        return passes;
    }

    /// <summary>The reduced axes.</summary>
    public int[] Indices => [.. Enumerable.Range(0, reduced.Length).Where(i => reduced[i])];

    /// <summary>The order of axes that brings the reduced ones together, last.</summary>
    public int[] LastOrder => [.. Enumerable.Range(0, reduced.Length).Except(Indices), .. Indices];

    /// <summary>The same axes once they are in <see cref="LastOrder"/>.</summary>
    public ReduceAxes AfterLastOrder
        => new([.. LastOrder.Select(axis => shape.Sizes[axis])], [.. LastOrder.Select(axis => reduced[axis])]);

    public override string ToString() => string.Join(",", Indices);
}
