namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>This tensor side by side with itself; copies.</summary>
    /// <param name="repeats">How often along each axis, aligned at the last one; more of them than axes make new axes in front.</param>
    /// <returns>Each size times its number.</returns>
    /// <exception cref="ShapeException">A number is negative, or the result is too large.</exception>
    /// <remarks>Gradient: the sum of dy over the copies. NumPy's tile, and PyTorch's.</remarks>
    public Tensor Tile(params ReadOnlySpan<int> repeats)
    {
        foreach (int count in repeats)
            if (count < 0) throw new ShapeException($"Tile: {this.Describe()} cannot be repeated {count} times.");
        int rank = Math.Max(Rank, repeats.Length);
        int[] sizes = [.. Enumerable.Repeat(1, rank - Rank), .. Shape.Sizes], times = [.. Enumerable.Repeat(1, rank - repeats.Length), .. repeats];
        var y = Reshape(sizes);
        // Two axes a copy: more would not fit the axes of the kernel.
        int[] tiled = [.. Enumerable.Range(0, rank).Where(axis => times[axis] != 1).Reverse()];
        foreach (int[] axes in tiled.Chunk(2))
        {
            var before = new List<int>();
            var after = new List<int>();
            for (int axis = 0; axis < rank; axis++)
            {
                if (axes.Contains(axis))
                {
                    before.Add(1);
                    after.Add(times[axis]);
                }
                before.Add(y.Shape.Sizes[axis]);
                after.Add(y.Shape.Sizes[axis]);
            }
            var shape = y.Shape;
            foreach (int axis in axes) shape = shape.With(axis, Times(nameof(Tile), shape.Sizes[axis], times[axis]));
            y = y.Reshape([.. before]).BroadcastTo([.. after]).Reshape(shape);
        }
        return y;
    }

    /// <summary>Each number of an axis several times over: a b becomes a a b b. Copies.</summary>
    /// <param name="repeats">How often, at least 0.</param>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <returns>This shape with that axis so many times as long.</returns>
    /// <exception cref="ShapeException">There is no such axis, the number is negative, or the result is too large.</exception>
    /// <remarks>Gradient: the sum of dy over the copies.</remarks>
    public Tensor RepeatInterleave(int repeats, int axis)
    {
        int along = Shape.Axis(axis);
        if (repeats < 0) throw new ShapeException($"RepeatInterleave: {this.Describe()} cannot be repeated {repeats} times.");
        var shape = Shape.With(along, Times(nameof(RepeatInterleave), Shape.Sizes[along], repeats));
        return Unsqueeze(along + 1).BroadcastTo([.. Shape.Sizes[..(along + 1)], repeats, .. Shape.Sizes[(along + 1)..]]).Reshape(shape);
    }

    private static int Times(string op, int size, int repeats)
        => (long)size * repeats <= int.MaxValue ? size * repeats : throw new ShapeException($"{op}: {size:N0} numbers {repeats:N0} times over are more than an axis holds.");
}
