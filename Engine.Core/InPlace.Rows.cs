using Engine.Kernels;

namespace Engine.Core;

// Changes row by row.
public static partial class InPlace
{
    /// <summary>target[indices[n]] ← rows[n].</summary>
    /// <param name="target">What changes, (V, …), of any type.</param>
    /// <param name="indices">Int32, (N), each in 0..V−1 and no two alike.</param>
    /// <param name="rows">(N, …), of the same type.</param>
    /// <exception cref="DTypeException">The types differ, or the indices are not Int32.</exception>
    /// <exception cref="ShapeException">The sizes do not fit one another.</exception>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    public static void SetRows(Tensor target, Tensor indices, Tensor rows)
    {
        MayChange(target, nameof(SetRows));
        if (target.Rank == 0 || indices.Rank != 1 || rows.Shape != new Shape([indices.Count, .. target.Shape.Sizes[1..]]))
            throw new ShapeException($"{nameof(SetRows)}: rows {rows.Describe()} at indices {indices.Describe()} do not fit {target.Describe()}: they must be (N, …) at (N) for (V, …).");
        if (indices.DType != DType.Int32) throw new DTypeException($"{nameof(SetRows)}: the indices {indices.Describe()} are {indices.DType}, and must be Int32. Cast them.");
        if (rows.DType != target.DType) throw new DTypeException($"{nameof(SetRows)}: the rows {rows.Describe()} are {rows.DType}, and {target.Describe()} is {target.DType}. Cast one of them.");
        using var whole = Cancellation.Suspend();
        target.Device.ScatterRows(rows.View, indices.View, target.View, new RowSizes(target.Shape.Sizes[0], target.Shape.Product(1, target.Rank), indices.Count), nameof(SetRows));
        target.Storage.Version++;
    }
}
