namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // mean_c = Σ_ns x_ncs / n, variance_c = Σ_ns (x_ncs − mean_c)² / n
    private protected override void BatchNormStatisticsCore(View x, View mean, View variance, View runningMean, View runningVariance, ChannelSizes sizes, double momentum)
    {
        Span<double> X = Values(x), RM = Values(runningMean), RV = Values(runningVariance);
        var channel = new double[sizes.PerChannel];
        for (int c = 0; c < sizes.C; c++)
        {
            for (int m = 0; m < channel.Length; m++) channel[m] = X[At(m, c, sizes)];
            double mu = Sum.Reference(channel, 1.0 / channel.Length), squares = SquaredDeviations.Reference(channel, 1);
            Values(mean)[c] = mu;
            Values(variance)[c] = squares / channel.Length;
            RM[c] += momentum * (mu - RM[c]);
            RV[c] += momentum * (squares / (channel.Length - 1) - RV[c]);
        }
    }

    // y = f(gamma (x − mean) / √(variance + ε) + beta + addend)
    private protected override void BatchNormForwardCore(View x, View y, ChannelNorm norm, View beta, ChannelSizes sizes, View? addend, Activation activation)
    {
        Span<double> X = Values(x), Y = Values(y), mu = Values(norm.Mean), gamma = Values(norm.Gamma), b = Values(beta), A = addend is { } given ? Values(given) : default;
        for (int c = 0; c < sizes.C; c++)
            for (int m = 0; m < sizes.PerChannel; m++)
            {
                int at = At(m, c, sizes);
                Y[at] = Activate(gamma[c] * (X[at] - mu[c]) / Deviation(norm, c) + b[c] + (A.IsEmpty ? 0 : A[at]), activation);
            }
    }

    // dgamma_c = Σ dy x̂, dbeta_c = Σ dy
    private protected override void BatchNormBackwardParametersCore(View x, View dy, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes)
    {
        Span<double> X = Values(x), DY = Values(dy), mu = Values(norm.Mean), dg = Values(dgamma), db = Values(dbeta);
        for (int c = 0; c < sizes.C; c++)
        {
            dg[c] = db[c] = 0;
            for (int m = 0; m < sizes.PerChannel; m++)
            {
                int at = At(m, c, sizes);
                dg[c] += DY[at] * (X[at] - mu[c]) / Deviation(norm, c);
                db[c] += DY[at];
            }
        }
    }

    // dx = gamma / √(variance + ε) · (dy − dbeta / n − x̂ dgamma / n)
    private protected override void BatchNormBackwardInputCore(View x, View dy, View dx, ChannelNorm norm, View dgamma, View dbeta, ChannelSizes sizes, bool own)
    {
        Span<double> X = Values(x), DY = Values(dy), DX = Values(dx), mu = Values(norm.Mean), gamma = Values(norm.Gamma), dg = Values(dgamma), db = Values(dbeta);
        double n = sizes.PerChannel;
        for (int c = 0; c < sizes.C; c++)
            for (int m = 0; m < sizes.PerChannel; m++)
            {
                int at = At(m, c, sizes);
                double deviation = Deviation(norm, c), normal = (X[at] - mu[c]) / deviation;
                DX[at] = gamma[c] / deviation * (own ? DY[at] - db[c] / n - normal * dg[c] / n : DY[at]);
            }
    }

    private static double Deviation(ChannelNorm norm, int c) => Math.Sqrt(Values(norm.Variance)[c] + norm.Epsilon);

    /// <summary>Where number m of channel c lies.</summary>
    private static int At(int m, int c, ChannelSizes sizes) => (m / sizes.S * sizes.C + c) * sizes.S + m % sizes.S;
}
