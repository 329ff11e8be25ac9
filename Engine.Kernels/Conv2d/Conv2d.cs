namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y[n, k, p, q] = activation(bias[k] + Σ over c, r, s of w[k, c, r, s] · x[n, g·C/Groups + c, p·StrideH + r·DilationH − PadH,
    /// q·StrideW + s·DilationW − PadW]), where g is the group of k, and x is 0 outside.</summary>
    /// <param name="x">Float32, (N, C, H, W).</param>
    /// <param name="w">Float32, (K, C/Groups, R, S).</param>
    /// <param name="y">Float32, (N, K, P, Q), which overlaps neither.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="bias">Float32, (K), or nothing.</param>
    /// <param name="activation">Applied last.</param>
    public void Conv2dForward(View x, View w, View y, Conv2dSizes sizes, View? bias = null, Activation activation = Activation.None)
    {
        sizes.Require(nameof(Conv2dForward));
        Check(x, DType.Float32, sizes.InputCount);
        Check(w, DType.Float32, sizes.WeightCount);
        Check(y, DType.Float32, sizes.OutputCount);
        if (bias is { } given) Check(given, DType.Float32, sizes.K);
        if (y.Length > 0) Conv2dForwardCore(x, w, y, sizes, bias, activation);
        Done(nameof(Conv2dForward), x, w, y, bias ?? default);
    }

    /// <summary>dx[n, c, h, w] = Σ of w[k, c, r, s] · dy[n, k, p, q] over all k, r, s, p, q that meet x there in the forward pass.</summary>
    /// <param name="w">Float32, (K, C/Groups, R, S).</param>
    /// <param name="dy">Float32, (N, K, P, Q).</param>
    /// <param name="dx">Float32, (N, C, H, W), which overlaps neither.</param>
    /// <param name="sizes">The sizes of the forward pass.</param>
    public void Conv2dBackwardInput(View w, View dy, View dx, Conv2dSizes sizes)
    {
        sizes.Require(nameof(Conv2dBackwardInput));
        Check(w, DType.Float32, sizes.WeightCount);
        Check(dy, DType.Float32, sizes.OutputCount);
        Check(dx, DType.Float32, sizes.InputCount);
        if (dx.Length > 0) Conv2dBackwardInputCore(w, dy, dx, sizes);
        Done(nameof(Conv2dBackwardInput), w, dy, dx);
    }

    /// <summary>dw[k, c, r, s] = Σ over n, p, q of dy[n, k, p, q] · x where w[k, c, r, s] meets it in the forward pass.</summary>
    /// <param name="x">Float32, (N, C, H, W).</param>
    /// <param name="dy">Float32, (N, K, P, Q).</param>
    /// <param name="dw">Float32, (K, C/Groups, R, S), which overlaps neither.</param>
    /// <param name="sizes">The sizes of the forward pass.</param>
    /// <remarks>The order of the sum depends on the sizes alone.</remarks>
    public void Conv2dBackwardWeight(View x, View dy, View dw, Conv2dSizes sizes)
    {
        sizes.Require(nameof(Conv2dBackwardWeight));
        Check(x, DType.Float32, sizes.InputCount);
        Check(dy, DType.Float32, sizes.OutputCount);
        Check(dw, DType.Float32, sizes.WeightCount);
        if (dw.Length > 0) Conv2dBackwardWeightCore(x, dy, dw, sizes);
        Done(nameof(Conv2dBackwardWeight), x, dy, dw);
    }

    /// <summary>db[k] = Σ over n, p, q of dy[n, k, p, q].</summary>
    /// <param name="dy">Float32, (N, K, P, Q).</param>
    /// <param name="db">Float32, (K).</param>
    /// <param name="sizes">The sizes of the forward pass.</param>
    /// <remarks>The order of the sum depends on the sizes alone.</remarks>
    public void Conv2dBackwardBias(View dy, View db, Conv2dSizes sizes)
    {
        sizes.Require(nameof(Conv2dBackwardBias));
        Check(dy, DType.Float32, sizes.OutputCount);
        Check(db, DType.Float32, sizes.K);
        if (db.Length > 0) Conv2dBackwardBiasCore(dy, db, sizes);
        Done(nameof(Conv2dBackwardBias), dy, db);
    }

    private protected abstract void Conv2dForwardCore(View x, View w, View y, Conv2dSizes sizes, View? bias, Activation activation);

    private protected abstract void Conv2dBackwardInputCore(View w, View dy, View dx, Conv2dSizes sizes);

    private protected abstract void Conv2dBackwardWeightCore(View x, View dy, View dw, Conv2dSizes sizes);

    private protected abstract void Conv2dBackwardBiasCore(View dy, View db, Conv2dSizes sizes);
}
