using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The lower triangle of each matrix of the last two axes; zeros above a diagonal.</summary>
    /// <param name="diagonal">The last diagonal that is kept: 0 the main one, 1 the one above it, −1 the one below.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ShapeException">There are fewer than two axes, or one of a matrix is longer than 2²⁴.</exception>
    /// <exception cref="DTypeException">This tensor is not Float32.</exception>
    /// <remarks>Gradient: dy where a number is kept, else 0. What is not kept leaves no trace, a NaN neither.</remarks>
    public Tensor Tril(int diagonal = 0) => Triangular.Keep(nameof(Tril), this, diagonal, (column, row) => column.LessEqual(row));

    /// <summary>The upper triangle of each matrix of the last two axes; zeros below a diagonal.</summary>
    /// <param name="diagonal">The first diagonal that is kept: 0 the main one, 1 the one above it, −1 the one below.</param>
    /// <inheritdoc cref="Tril"/>
    public Tensor Triu(int diagonal = 0) => Triangular.Keep(nameof(Triu), this, diagonal, (column, row) => column.GreaterEqual(row));
}

/// <summary>Parts of matrices on one side of a diagonal.</summary>
internal static class Triangular
{
    private const int Most = 1 << 24;                               // whole numbers up to here are floats

    /// <summary>The numbers for which column and row + diagonal are as asked.</summary>
    public static Tensor Keep(string op, Tensor x, int diagonal, Func<Tensor, Tensor, Tensor> kept)
    {
        if (x.Rank < 2) throw new ShapeException($"{op}: {x.Describe()} has no matrix: it needs at least 2 axes.");
        if (x.DType != DType.Float32) throw new DTypeException($"{op}: {x.Describe()} is {x.DType}, and must be Float32. Cast it.");
        int rows = x.Shape[-2], columns = x.Shape[-1];
        if (rows > Most || columns > Most) throw new ShapeException($"{op}: {x.Describe()} has an axis longer than {Most:N0}. Slice it.");
        // A diagonal beyond the corners is as good as the one there.
        var row = Tensor.Arange(rows, x.Device).Unsqueeze(1) + Math.Clamp(diagonal, -rows, columns);
        return Tensor.Where(kept(Tensor.Arange(columns, x.Device), row), x, Tensor.Zeros([], x.Device));
    }
}
