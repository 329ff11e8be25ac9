namespace Engine.Kernels;

/// <summary>Indices along one axis of a tensor x: each line of them names places on the line of x at the same spot of the other axes.</summary>
/// <param name="Lines">The sizes of the indices' other axes.</param>
/// <param name="Indices">The strides of the indices along these.</param>
/// <param name="X">The strides of x along these.</param>
/// <param name="Count">Indices on a line.</param>
/// <param name="IndexStride">From one index of a line to the next.</param>
/// <param name="Bound">Numbers on a line of x.</param>
/// <param name="Stride">From one number of a line of x to the next.</param>
public readonly record struct AlongSizes(Axes Lines, Axes Indices, Axes X, int Count, int IndexStride, int Bound, int Stride)
{
    /// <summary>How many indices.</summary>
    public int Total => Lines.Count * Count;

    /// <summary>Row-major indices along an axis of a row-major x.</summary>
    /// <param name="indices">Their sizes, at most those of x but for the axis.</param>
    /// <param name="x">The sizes of x, as many.</param>
    /// <param name="axis">The axis, from 0.</param>
    /// <exception cref="ArgumentException">More than <see cref="Axes.Most"/> axes remain.</exception>
    public static AlongSizes Merge(ReadOnlySpan<int> indices, ReadOnlySpan<int> x, int axis)
    {
        if (indices.Contains(0)) return default;
        int[] own = Strides(indices), there = Strides(x), lines = indices.ToArray();
        lines[axis] = 1;
        var axes = Axes.Merge(lines, own, there);
        return new AlongSizes(axes[0], axes[1], axes[2], indices[axis], own[axis], x[axis], there[axis]);
    }

    private static int[] Strides(ReadOnlySpan<int> sizes)
    {
        var strides = new int[sizes.Length];
        for (int i = sizes.Length - 1, stride = 1; i >= 0; stride *= sizes[i--]) strides[i] = stride;
        return strides;
    }
}
