using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The matrix product over the last two axes.</summary>
    /// <param name="other">(…, K, N), on this tensor's device; leading axes equal to this one's, or none: one matrix for the whole batch.</param>
    /// <param name="bias">(N), added to each row.</param>
    /// <param name="activation">Applied last, in the same kernel.</param>
    /// <param name="transposeThis">Read this tensor as (…, K, M).</param>
    /// <param name="transposeOther">Read the other as (…, N, K).</param>
    /// <returns>(…, M, N).</returns>
    /// <exception cref="ShapeException">A rank is under 2, or sizes disagree.</exception>
    /// <remarks>Gradients: dA = dC·Bᵀ, dB = Aᵀ·dC, dbias = Σ rows of dC, where dC is first passed through the activation's derivative.</remarks>
    public Tensor MatMul(Tensor other, Tensor? bias = null, Activation activation = Activation.None, bool transposeThis = false, bool transposeOther = false)
        => Op.Apply(new MatMulOp(activation, transposeThis, transposeOther), this, other, bias);
}

/// <summary>C = activation(A·B + bias).</summary>
internal sealed class MatMulOp(Activation activation, bool transposeA, bool transposeB) : Op
{
    private MatMulSizes sizes;
    private bool sharedB;

    public override string Name => "MatMul";

    public override string Attributes
        => $"{(transposeA ? "Aᵀ·" : "A·")}{(transposeB ? "Bᵀ" : "B")}{(activation == Activation.None ? "" : $", activation={activation}")}";

    public override long Flops => sizes.Flops;

    public override Tensor Forward()
    {
        Tensor a = Input(0), b = Input(1);
        var bias = OptionalInput(2);
        if (a.Rank < 2 || b.Rank < 2) throw new ShapeException($"MatMul: {a.Describe()} by {b.Describe()}: both must have at least 2 axes. Reshape a vector to (1, N) or (N, 1).");
        int m = a.Shape[transposeA ? -1 : -2], k = a.Shape[transposeA ? -2 : -1];
        int n = b.Shape[transposeB ? -2 : -1], kb = b.Shape[transposeB ? -1 : -2];
        if (k != kb)
            throw new ShapeException($"MatMul: {a.Describe()} by {b.Describe()}: the inner sizes are {k} and {kb}. {(b.Shape[transposeB ? -2 : -1] == k ? "Transpose the second with transposeOther." : "They must be equal.")}");
        if (bias is not null && bias.Shape != [n]) throw new ShapeException($"MatMul: the bias {bias.Describe()} must be ({n}), one number a column of the result.");
        sharedB = b.Rank == 2;
        if (!sharedB && !a.Shape.Sizes[..^2].SequenceEqual(b.Shape.Sizes[..^2]))
            throw new ShapeException($"MatMul: {a.Describe()} by {b.Describe()}: leading axes differ. Make them equal, or give the second two axes only.");
        int batch = a.Shape.Product(0, a.Rank - 2);
        // One B for the whole batch makes it one tall product.
        sizes = sharedB && !transposeA ? new MatMulSizes(batch * m, n, k) : new MatMulSizes(m, n, k, batch);
        var c = NewTensor(new Shape([.. a.Shape.Sizes[..^2], m, n]));
        var fused = Epilogue.InKernel(activation, Recording);
        c.Device.MatMul(A(a), B(b), C(c), sizes, bias?.View, fused);
        Save(a);
        Save(b);
        return Epilogue.Finish(activation, fused, c, this);
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor a = Saved(0), b = Saved(1);
        var dc = activation == Activation.None ? dy : Epilogue.Backward(activation, Saved(2), dy);
        Tensor? da = null, db = null, dbias = null;
        // First, while dC is in the caches that made it: a sum waits for its numbers, where a product asks for them ahead.
        if (Arrows.Length > 2 && Needs(2))
        {
            dbias = Tensor.Empty(InputShape(2), dc.Device, op: Name);
            dc.Device.Reduce<Sum, float>(dc.View, dbias.View, new ReduceSizes(1, sizes.N == 0 ? 0 : dc.Count / sizes.N, sizes.N));
        }
        if (Needs(0))
        {
            // dA = dC·Bᵀ, stored transposed where A was read transposed.
            da = Tensor.Empty(a.Shape, a.Device, op: Name);
            a.Device.MatMul(C(dc), B(b).Transposed, A(da), sizes with { N = sizes.K, K = sizes.N });
        }
        if (Needs(1))
        {
            // dB = Aᵀ·dC; one B for the whole batch sums over it.
            if (sharedB && transposeA)
            {
                var each = Tensor.Empty(new Shape([sizes.Batch, .. b.Shape.Sizes]), b.Device, op: Name);
                b.Device.MatMul(A(a).Transposed, C(dc), B(each, sizes.K * sizes.N), sizes with { M = sizes.K, K = sizes.M });
                db = each.Sum([0]);
            }
            else
            {
                db = Tensor.Empty(b.Shape, b.Device, op: Name);
                b.Device.MatMul(A(a).Transposed, C(dc), B(db), sizes with { M = sizes.K, K = sizes.M });
            }
        }
        Epilogue.End(dc, dy);
        return [da, db, dbias];
    }

    private Matrices A(Tensor a) => transposeA
        ? new Matrices(a.View, 1, sizes.M, sizes.M * sizes.K)
        : new Matrices(a.View, sizes.K, 1, sizes.M * sizes.K);

    private Matrices B(Tensor b) => B(b, sharedB ? 0 : sizes.K * sizes.N);

    private Matrices B(Tensor b, int batchStride) => transposeB
        ? new Matrices(b.View, 1, sizes.K, batchStride)
        : new Matrices(b.View, sizes.N, 1, batchStride);

    private Matrices C(Tensor c) => new(c.View, sizes.N, 1, sizes.M * sizes.N);
}
