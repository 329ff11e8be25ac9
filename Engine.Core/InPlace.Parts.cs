using Engine.Kernels;

namespace Engine.Core;

// Changes of a part.
public static partial class InPlace
{
    /// <summary>target[…, start..start+n, …] ← part, along one axis.</summary>
    /// <param name="target">What changes, of any type.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <param name="start">The first index that is written.</param>
    /// <param name="part">The target's shape, but n along the axis; of the same type. It may share memory with the target: what it held before is written.</param>
    /// <exception cref="DTypeException">The types differ.</exception>
    /// <exception cref="ShapeException">The sizes of the other axes differ.</exception>
    /// <exception cref="IndexException">The part leaves the axis.</exception>
    public static void SetPart(Tensor target, int axis, int start, Tensor part)
    {
        MayChange(target, nameof(SetPart));
        int along = target.Shape.Axis(axis), size = target.Shape.Sizes[along];
        if (part.Rank != target.Rank || part.Shape.With(along, size) != target.Shape)
            throw new ShapeException($"{nameof(SetPart)}: {part.Describe()} is no part of {target.Describe()} along axis {along}: the other sizes must be equal.");
        if (part.DType != target.DType) throw new DTypeException($"{nameof(SetPart)}: {part.Describe()} is {part.DType}, and {target.Describe()} is {target.DType}. Cast one of them.");
        int n = part.Shape.Sizes[along];
        if (start < 0 || start > size - n) throw new IndexException($"{nameof(SetPart)}: {n} from {start} on do not lie within axis {along} of {target.Describe()}, which has {size}.");
        if (part.Count == 0) return;
        using var whole = Cancellation.Suspend();
        if (part.Storage == target.Storage) part = part.Detach().Clone();
        new Region(target.Shape, along, start, n).Write(part.View, target.View);
        target.Storage.Version++;
    }
}
