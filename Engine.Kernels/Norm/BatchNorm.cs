namespace Engine.Kernels;

/// <summary>x is (N, C, S), row-major: a batch of N, C channels, S positions in space.</summary>
public readonly record struct ChannelSizes(int N, int C, int S)
{
    /// <summary>How many numbers there are.</summary>
    public int Count => N * C * S;

    /// <summary>How many numbers each channel has.</summary>
    public int PerChannel => N * S;
}

/// <summary>x̂ = (x − Mean) / √(Variance + Epsilon), then multiplied by Gamma: one number of each for a channel.</summary>
/// <param name="Mean">Float32, (C).</param>
/// <param name="Variance">Float32, (C).</param>
/// <param name="Gamma">Float32, (C).</param>
/// <param name="Epsilon">Keeps the root away from 0.</param>
public readonly record struct ChannelNorm(View Mean, View Variance, View Gamma, double Epsilon);

public abstract partial class Device
{
    /// <summary>The mean and the variance, Σ (x − mean)² / n, of each channel; running ones move towards them in place.</summary>
    /// <param name="x">Float32, (N, C, S).</param>
    /// <param name="mean">Float32, (C), written.</param>
    /// <param name="variance">Float32, (C), written.</param>
    /// <param name="runningMean">Float32, (C): r += momentum (mean − r).</param>
    /// <param name="runningVariance">Float32, (C), likewise, but towards the unbiased variance, Σ (x − mean)² / (n − 1).</param>
    /// <param name="sizes">At least 2 numbers a channel.</param>
    /// <param name="momentum">How far the running ones move, in 0..1.</param>
    public void BatchNormStatistics(View x, View mean, View variance, View runningMean, View runningVariance, ChannelSizes sizes, double momentum)
    {
        Check(x, DType.Float32, sizes.Count);
        Check(mean, DType.Float32, sizes.C);
        Check(variance, DType.Float32, sizes.C);
        Check(runningMean, DType.Float32, sizes.C);
        Check(runningVariance, DType.Float32, sizes.C);
        if (sizes.PerChannel < 2) throw new ArgumentException($"BatchNormStatistics: {sizes} has fewer than 2 numbers a channel.", nameof(sizes));
        if (sizes.C > 0) BatchNormStatisticsCore(x, mean, variance, runningMean, runningVariance, sizes, momentum);
        Done(nameof(BatchNormStatistics), x, mean, variance, runningMean, runningVariance);
    }

    /// <summary>y = activation(x̂ · gamma + beta + addend).</summary>
    /// <param name="x">Float32, (N, C, S).</param>
    /// <param name="y">Float32, (N, C, S); may be x or the addend itself.</param>
    /// <param name="norm">Statistics and gamma.</param>
    /// <param name="beta">Float32, (C).</param>
    /// <param name="sizes">The three sizes.</param>
    /// <param name="addend">Float32, (N, C, S), or nothing.</param>
    /// <param name="activation">Applied last.</param>
    public void BatchNormForward(View x, View y, ChannelNorm norm, View beta, ChannelSizes sizes, View? addend = null, Activation activation = Activation.None)
    {
        Check(x, DType.Float32, sizes.Count);
        Check(y, DType.Float32, sizes.Count);
        Check(norm, sizes);
        Check(beta, DType.Float32, sizes.C);
        if (addend is { } given) Check(given, DType.Float32, sizes.Count);
        if (y.Length > 0) BatchNormForwardCore(x, y, norm, beta, sizes, addend, activation);
        Done(nameof(BatchNormForward), x, y, beta, norm.Mean, norm.Variance, norm.Gamma, addend ?? default);
    }

    /// <summary>dgamma = Σ dy · x̂ and dbeta = Σ dy, over each channel.</summary>
    /// <param name="x">Float32, (N, C, S).</param>
    /// <param name="dy">Float32, (N, C, S).</param>
    /// <param name="norm">As in forward.</param>
    /// <param name="dgamma">Float32, (C).</param>
    /// <param name="dbeta">Float32, (C).</param>
    /// <param name="sizes">The three sizes.</param>
    public void BatchNormBackwardParameters(View x, View dy, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes)
    {
        Check(x, DType.Float32, sizes.Count);
        Check(dy, DType.Float32, sizes.Count);
        Check(norm, sizes);
        Check(dgamma, DType.Float32, sizes.C);
        Check(dbeta, DType.Float32, sizes.C);
        if (sizes.C > 0) BatchNormBackwardParametersCore(x, dy, norm, dgamma, dbeta, sizes);
        Done(nameof(BatchNormBackwardParameters), x, dy, dgamma, dbeta, norm.Mean, norm.Variance, norm.Gamma);
    }

    /// <summary>dx = gamma / √(variance + ε) · (dy − dbeta / n − x̂ · dgamma / n) where the statistics are x's own; else without the two terms
    /// that come through them.</summary>
    /// <param name="x">Float32, (N, C, S).</param>
    /// <param name="dy">Float32, (N, C, S).</param>
    /// <param name="dx">Float32, (N, C, S); may be dy itself.</param>
    /// <param name="norm">As in forward.</param>
    /// <param name="dgamma">Float32, (C), from <see cref="BatchNormBackwardParameters"/>; not read where the statistics are not x's own.</param>
    /// <param name="dbeta">Float32, (C), likewise.</param>
    /// <param name="sizes">The three sizes.</param>
    /// <param name="own">Whether the statistics are x's own: in training.</param>
    public void BatchNormBackwardInput(View x, View dy, View dx, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes, bool own)
    {
        Check(x, DType.Float32, sizes.Count);
        Check(dy, DType.Float32, sizes.Count);
        Check(dx, DType.Float32, sizes.Count);
        Check(norm, sizes);
        Check(dgamma, DType.Float32, sizes.C);
        Check(dbeta, DType.Float32, sizes.C);
        if (dx.Length > 0) BatchNormBackwardInputCore(x, dy, dx, norm, dgamma, dbeta, sizes, own);
        Done(nameof(BatchNormBackwardInput), x, dy, dx, dgamma, dbeta, norm.Mean, norm.Variance, norm.Gamma);
    }

    private void Check(ChannelNorm norm, ChannelSizes sizes)
    {
        Check(norm.Mean, DType.Float32, sizes.C);
        Check(norm.Variance, DType.Float32, sizes.C);
        Check(norm.Gamma, DType.Float32, sizes.C);
    }

    private protected abstract void BatchNormStatisticsCore(View x, View mean, View variance, View runningMean, View runningVariance, ChannelSizes sizes, double momentum);

    private protected abstract void BatchNormForwardCore(View x, View y, ChannelNorm norm, View beta, ChannelSizes sizes, View? addend, Activation activation);

    private protected abstract void BatchNormBackwardParametersCore(View x, View dy, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes);

    private protected abstract void BatchNormBackwardInputCore(View x, View dy, View dx, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes, bool own);
}
