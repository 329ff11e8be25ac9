namespace Engine.Kernels;

/// <summary>A walk over numbers of one view and places of another: the number at Start + Σ i·From goes to Σ i·To for each index i within
/// Sizes.</summary>
/// <param name="Sizes">The axes, none of them 0.</param>
/// <param name="From">The source's strides; 0 repeats it along that axis, and one below 0 walks it backward.</param>
/// <param name="To">The destination's strides, which take no two indices to one place.</param>
/// <param name="Start">Where the walk over the source begins; 0 unless a stride is below 0.</param>
public readonly record struct CopySizes(Axes Sizes, Axes From, Axes To, int Start = 0)
{
    /// <summary>Numbers to copy.</summary>
    public int Count => Sizes.Count;

    /// <summary>Axes of any number, neighbours merged where both sides walk them in order.</summary>
    /// <exception cref="ArgumentException">More than <see cref="Axes.Most"/> axes remain.</exception>
    public static CopySizes Merge(ReadOnlySpan<int> sizes, int[] from, int[] to, int start = 0)
    {
        if (sizes.Contains(0)) return new CopySizes(default, default, default);
        var axes = Axes.Merge(sizes, from, to);
        return new CopySizes(axes[0], axes[1], axes[2], start);
    }
}

public abstract partial class Device
{
    /// <summary>y[Σ i·To] = x[Start + Σ i·From]: permutes, slices, repeats, reverses and joins. What the walk leaves out of y stays as it is.</summary>
    /// <param name="x">Any type, from the first number of the walk on; with the whole of a walk backward.</param>
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
            var (first, last) = Reach(sizes);
            if (first < 0 || last >= x.Length || Extent(sizes.Sizes, sizes.To) > y.Length)
                throw new ArgumentException($"StridedCopy: {sizes} does not stay within the {x.Length} numbers of x and the {y.Length} of y.", nameof(sizes));
            StridedCopyCore(x, y, sizes);
        }
        Done(nameof(StridedCopy), x, y);
    }

    private protected abstract void StridedCopyCore(View x, View y, CopySizes sizes);

    /// <summary>The first and the last place of the source that a walk touches.</summary>
    private static (long First, long Last) Reach(CopySizes sizes)
    {
        long first = sizes.Start, last = sizes.Start;
        for (int axis = 0; axis < Axes.Most; axis++)
        {
            long step = (sizes.Sizes[axis] - 1L) * sizes.From[axis];
            if (step < 0) first += step;
            else last += step;
        }
        return (first, last);
    }

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
