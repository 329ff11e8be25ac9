namespace Engine.Kernels;

/// <summary>A strided copy as many transposes: x (P, Q) with rows FromP apart, from Start on, becomes y (Q, P) with rows ToQ apart, once for
/// each index of the outer axes.</summary>
internal readonly record struct TransposeSizes(Axes Outer, Axes From, Axes To, int P, int Q, int FromP, int ToQ, int Start)
{
    /// <summary>The transposes in a copy whose source is in order along one axis and its destination along another.</summary>
    public static bool TryFrom(CopySizes sizes, out TransposeSizes found)
    {
        int p = -1, q = -1;
        for (int axis = 0; axis < Axes.Most; axis++)
        {
            if (sizes.Sizes[axis] == 1) continue;
            if (sizes.To[axis] == 1) p = axis;
            if (sizes.From[axis] == 1) q = axis;
        }
        found = default;
        if (p < 0 || q < 0 || p == q) return false;
        var outer = sizes.Sizes.With(p, 1).With(q, 1);
        found = new TransposeSizes(outer, sizes.From, sizes.To, sizes.Sizes[p], sizes.Sizes[q], sizes.From[p], sizes.To[q], sizes.Start);
        return true;
    }
}
