using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void BatchNormStatisticsCore(View x, View mean, View variance, View runningMean, View runningVariance, ChannelSizes sizes, double momentum)
        => Launch(BatchNormStatisticsKernel, GroupsOf(sizes.C, sizes.PerChannel), Floats(x), Floats(mean), Floats(variance), Floats(runningMean), Floats(runningVariance), sizes, (float)momentum);

    private protected override void BatchNormForwardCore(View x, View y, ChannelNorm norm, View beta, ChannelSizes sizes, View? addend, Activation activation)
    {
        // More arguments than a kernel takes: the channels' numbers come as one struct of views.
        var channels = new ChannelViews(Floats(norm.Mean), Floats(norm.Variance), Floats(norm.Gamma), Floats(beta));
        Launch(BatchNormForwardKernel, Linear(y.Length), Floats(x), Floats(addend ?? x), Floats(y), channels, sizes, (float)norm.Epsilon, addend is null ? 0 : 1, (int)activation);
    }

    private protected override void BatchNormBackwardParametersCore(View x, View dy, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes)
        => Launch(BatchNormBackwardParametersKernel, GroupsOf(sizes.C, sizes.PerChannel), Floats(x), Floats(dy), Floats(norm.Mean), Floats(norm.Variance), Floats(dgamma), Floats(dbeta), sizes, (float)norm.Epsilon);

    private protected override void BatchNormBackwardInputCore(View x, View dy, View dx, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes, bool own)
    {
        var statistics = new NormViews(Floats(norm.Mean), Floats(norm.Variance), Floats(norm.Gamma), Floats(dgamma), Floats(dbeta));
        Launch(BatchNormBackwardInputKernel, Linear(dx.Length), Floats(x), Floats(dy), Floats(dx), statistics, sizes, (float)norm.Epsilon, own ? 1 : 0);
    }

    internal readonly record struct ChannelViews(ArrayView<float> Mean, ArrayView<float> Variance, ArrayView<float> Gamma, ArrayView<float> Beta);

    internal readonly record struct NormViews(ArrayView<float> Mean, ArrayView<float> Variance, ArrayView<float> Gamma, ArrayView<float> GammaGradient, ArrayView<float> BetaGradient);

    // A group a channel.
    private static void BatchNormStatisticsKernel(ArrayView<float> x, ArrayView<float> mean, ArrayView<float> variance,
        ArrayView<float> runningMean, ArrayView<float> runningVariance, ChannelSizes sizes, float momentum)
    {
        int c = Grid.IdxX, n = sizes.N * sizes.S;
        var state = SquaredDeviations.Start();
        for (int m = Group.IdxX; m < n; m += Group.DimX) state = SquaredDeviations.Add(state, x[ChannelAt(m, c, sizes)], m);
        state = MergeGroup<SquaredDeviations, float>(state);
        if (Group.IdxX != 0) return;
        mean[c] = state.A;
        variance[c] = state.B / n;
        runningMean[c] += momentum * (state.A - runningMean[c]);
        runningVariance[c] += momentum * (state.B / (n - 1) - runningVariance[c]);
    }

    private static void BatchNormForwardKernel(ArrayView<float> x, ArrayView<float> addend, ArrayView<float> y, ChannelViews s, ChannelSizes sizes, float epsilon, int adds, int activation)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= sizes.N * sizes.C * sizes.S) return;
        int c = i / sizes.S % sizes.C;
        float value = (x[i] - s.Mean[c]) * s.Gamma[c] / MathF.Sqrt(s.Variance[c] + epsilon) + s.Beta[c];
        if (adds != 0) value += addend[i];
        y[i] = Activate(value, activation);
    }

    // A group a channel.
    private static void BatchNormBackwardParametersKernel(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> mean, ArrayView<float> variance,
        ArrayView<float> dgamma, ArrayView<float> dbeta, ChannelSizes sizes, float epsilon)
    {
        int c = Grid.IdxX, n = sizes.N * sizes.S;
        ReduceState products = Sum.Start(), sums = Sum.Start();
        float mu = mean[c];
        for (int m = Group.IdxX; m < n; m += Group.DimX)
        {
            int at = ChannelAt(m, c, sizes);
            products = Sum.Add(products, dy[at] * (x[at] - mu), m);
            sums = Sum.Add(sums, dy[at], m);
        }
        products = MergeGroup<Sum, float>(products);
        sums = MergeGroup<Sum, float>(sums);
        if (Group.IdxX != 0) return;
        dgamma[c] = products.A / MathF.Sqrt(variance[c] + epsilon);
        dbeta[c] = sums.A;
    }

    private static void BatchNormBackwardInputKernel(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dx, NormViews s, ChannelSizes sizes, float epsilon, int own)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= sizes.N * sizes.C * sizes.S) return;
        int c = i / sizes.S % sizes.C;
        float inverse = 1f / MathF.Sqrt(s.Variance[c] + epsilon), share = 1f / (sizes.N * sizes.S);
        float d = dy[i];
        if (own != 0) d -= share * (s.BetaGradient[c] + (x[i] - s.Mean[c]) * inverse * s.GammaGradient[c]);
        dx[i] = d * s.Gamma[c] * inverse;
    }

    /// <summary>Where number m of channel c lies.</summary>
    private static int ChannelAt(int m, int c, ChannelSizes sizes) => (m / sizes.S * sizes.C + c) * sizes.S + m % sizes.S;
}
