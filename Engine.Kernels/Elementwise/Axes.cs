namespace Engine.Kernels;

/// <summary>Six numbers, one an axis, outermost first: sizes (padded with 1 in front) or strides (padded with 0). A struct that a GPU kernel
/// takes as it is.</summary>
public readonly record struct Axes(int A0, int A1, int A2, int A3, int A4, int A5)
{
    /// <summary>The most axes that a strided kernel takes, after neighbours that lie in order have been merged.</summary>
    public const int Most = 6;

    /// <summary>The product of six sizes.</summary>
    public int Count => A0 * A1 * A2 * A3 * A4 * A5;

    /// <summary>The number of an axis, 0 to 5.</summary>
    internal int this[int axis] => axis switch { 0 => A0, 1 => A1, 2 => A2, 3 => A3, 4 => A4, _ => A5 };

    /// <summary>These numbers with another one for an axis.</summary>
    internal Axes With(int axis, int value) => axis switch
    {
        0 => this with { A0 = value },
        1 => this with { A1 = value },
        2 => this with { A2 = value },
        3 => this with { A3 = value },
        4 => this with { A4 = value },
        _ => this with { A5 = value },
    };

    /// <summary>Where number <paramref name="i"/> of a row-major walk over these sizes lies under the given strides.</summary>
    public int Offset(int i, Axes strides)
    {
        // Divisions are dear on a GPU: stop where every axis further out is at its beginning, as with one axis it always is.
        int at = i % A5 * strides.A5;
        i /= A5;
        if (i == 0) return at;
        at += i % A4 * strides.A4;
        i /= A4;
        if (i == 0) return at;
        at += i % A3 * strides.A3;
        i /= A3;
        if (i == 0) return at;
        at += i % A2 * strides.A2;
        i /= A2;
        if (i == 0) return at;
        at += i % A1 * strides.A1;
        return at + i / A1 * strides.A0;
    }

    /// <summary>Merges neighbouring axes that every operand walks in order, and pads to six.</summary>
    /// <param name="sizes">Sizes, outermost first, none of them 0.</param>
    /// <param name="strides">One list of strides an operand.</param>
    /// <returns>The sizes, then each operand's strides.</returns>
    /// <exception cref="ArgumentException">More than six axes remain.</exception>
    public static Axes[] Merge(ReadOnlySpan<int> sizes, params ReadOnlySpan<int[]> strides)
    {
        Span<int> kept = stackalloc int[Most], merged = stackalloc int[Most];   // source axis of each merged one, and its size; innermost first
        int count = 0;
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
        {
            if (sizes[axis] == 1) continue;
            bool joins = count > 0;
            foreach (int[] s in strides)
                if (joins && s[axis] != s[kept[count - 1]] * merged[count - 1]) joins = false;
            if (joins)
            {
                merged[count - 1] *= sizes[axis];
                continue;
            }
            if (count == Most) throw new ArgumentException($"More than {Most} axes remain after merging those that lie in order. Reshape to fewer axes.");
            kept[count] = axis;
            merged[count++] = sizes[axis];
        }
        var result = new Axes[1 + strides.Length];
        result[0] = Pad(merged[..count], 1);
        Span<int> own = stackalloc int[count];
        for (int o = 0; o < strides.Length; o++)
        {
            for (int i = 0; i < count; i++) own[i] = strides[o][kept[i]];
            result[o + 1] = Pad(own, 0);
        }
        return result;
    }

    private static Axes Pad(ReadOnlySpan<int> innermostFirst, int padding)
    {
        Span<int> all = stackalloc int[Most];
        all.Fill(padding);
        innermostFirst.CopyTo(all);
        return new Axes(all[5], all[4], all[3], all[2], all[1], all[0]);
    }
}
