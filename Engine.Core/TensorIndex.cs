using Engine.Kernels;

namespace Engine.Core;

/// <summary>What an indexer takes of one axis: one index, or a range. Written as C# writes them: <c>x[2]</c>, <c>x[^1]</c>, <c>x[.., 1..^1]</c>.</summary>
public readonly struct TensorIndex
{
    private readonly Range range;

    private TensorIndex(Range range, bool isIndex) => (this.range, IsIndex) = (range, isIndex);

    /// <summary>Whether it is one index, which takes the axis away, rather than a range, which keeps it.</summary>
    public bool IsIndex { get; }

    /// <summary>An index from the front.</summary>
    public static implicit operator TensorIndex(int index)
        => index >= 0
            ? new Index(index)
            : throw new IndexException($"The index {index} is below 0. Count from the end as C# does: ^{-(long)index}.");

    /// <summary>An index from the front or the end.</summary>
    public static implicit operator TensorIndex(Index index) => new(new Range(index, index), true);

    /// <summary>A range.</summary>
    public static implicit operator TensorIndex(Range range) => new(range, false);

    /// <summary>The first index and how many, along an axis.</summary>
    /// <exception cref="IndexException">It leaves the axis.</exception>
    internal (int Start, int Length) Of(Shape shape, int axis)
    {
        int size = shape.Sizes[axis];
        int start = range.Start.GetOffset(size), end = IsIndex ? start + 1 : range.End.GetOffset(size);
        if (start < 0 || end > size || start > end)
            throw new IndexException($"[{this}] does not lie within axis {axis} of {shape}, which has {size}.");
        return (start, end - start);
    }

    /// <summary>As C# writes it.</summary>
    public override string ToString() => IsIndex ? range.Start.ToString() : range.ToString();
}
