namespace Engine.Kernels;

/// <summary>A walk over numbers of one view and places of another: the number at Σ i·From goes to Σ i·To for each index i within Sizes.</summary>
/// <param name="Sizes">The axes, none of them 0.</param>
/// <param name="From">The source's strides; 0 repeats it along that axis.</param>
/// <param name="To">The destination's strides, which take no two indices to one place.</param>
public readonly record struct CopySizes(Axes Sizes, Axes From, Axes To)
{
    /// <summary>Numbers to copy.</summary>
    public int Count => Sizes.Count;

    /// <summary>Axes of any number, neighbours merged where both sides walk them in order.</summary>
    /// <exception cref="ArgumentException">More than <see cref="Axes.Most"/> axes remain.</exception>
    public static CopySizes Merge(ReadOnlySpan<int> sizes, int[] from, int[] to)
    {
        if (sizes.Contains(0)) return new CopySizes(default, default, default);
        var axes = Axes.Merge(sizes, from, to);
        return new CopySizes(axes[0], axes[1], axes[2]);
    }
}

public abstract partial class Device
{
    /// <summary>y[Σ i·To] = x[Σ i·From]: permutes, slices, repeats and joins. What the walk leaves out of y stays as it is.</summary>
    /// <param name="x">Any type, from the first number of the walk on.</param>
    /// <param name="y">The same type, from the first place of the walk on; it overlaps no number of x.</param>
    /// <param name="sizes">The walk.</param>
    /// <exception cref="DTypeException">The types differ.</exception>
    /// <exception cref="ArgumentException">The walk leaves a view.</exception>
    public void StridedCopy(View x, View y, CopySizes sizes)
    {
        Mine(x, nameof(StridedCopy), nameof(x));
        Check(y, x.DType);
        if (sizes.Count > 0)
        {
            if (Extent(sizes.Sizes, sizes.From) > x.Length || Extent(sizes.Sizes, sizes.To) > y.Length)
                throw new ArgumentException($"StridedCopy: {sizes} does not stay within the {x.Length} numbers of x and the {y.Length} of y.", nameof(sizes));
            StridedCopyCore(x, y, sizes);
        }
        Done(nameof(StridedCopy), x, y);
    }

    private protected abstract void StridedCopyCore(View x, View y, CopySizes sizes);

    /// <summary>One past the last place of a walk; more than any view has for a stride below 0.</summary>
    private static long Extent(Axes sizes, Axes strides)
    {
        long last = 0;
        for (int axis = 0; axis < Axes.Most; axis++)
        {
            if (strides[axis] < 0) return long.MaxValue;
            last += (sizes[axis] - 1L) * strides[axis];
        }
        return last + 1;
    }
}
