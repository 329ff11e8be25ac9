namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // With y = softmax(x), and l' the target with a blank before, between and after its labels, all in logarithms:
    // α_0(s) = y_0(l'_s) for s < 2, else 0
    // α_t(s) = y_t(l'_s) · (α_{t−1}(s) + α_{t−1}(s−1) + α_{t−1}(s−2) where l'_s is a label other than l'_{s−2})
    // loss = −ln(α_{T−1}(2S) + α_{T−1}(2S−1))
    private protected override void CtcForwardCore(View logits, View targets, View alphas, View logSums, View losses, CtcSizes sizes)
    {
        CheckTargets(Whole(targets), sizes, nameof(CtcForward));
        for (int n = 0; n < sizes.N; n++)
        {
            var e = new CtcExample(Values(logits), Values(targets), Values(alphas), Values(logSums), n, sizes);
            for (int t = 0; t < e.Steps; t++)
            {
                e.LogSums[t] = LogSumExp.Reference(e.Logits.Slice(t * sizes.C, sizes.C), 1);
                for (int s = 0; s < e.States; s++)
                    e.Alphas[t * sizes.States + s] = e.LogY(t, s) + (t == 0 ? s < 2 ? 0 : double.NegativeInfinity
                        : LogSumExp.Reference([e.Alpha(t - 1, s), e.Alpha(t - 1, s - 1), e.Skips(s) ? e.Alpha(t - 1, s - 2) : double.NegativeInfinity], 1));
            }
            double loss = -LogSumExp.Reference([e.Alpha(e.Steps - 1, e.States - 1), e.Alpha(e.Steps - 1, e.States - 2)], 1);
            foreach (double sum in e.LogSums[..e.Steps])
                if (!double.IsFinite(sum)) loss = double.NaN;
            Values(losses)[n] = loss;
        }
    }

    // β_{T−1}(s) = 1 for the last two states, else 0
    // β_t(s) = Σ over s' in {s, s+1, s+2 where s' is a label other than l'_s} of β_{t+1}(s') y_{t+1}(l'_s')
    // dx_tc = dy (y_t(c) − Σ_{s: l'_s = c} α_t(s) β_t(s) / Σ_s α_t(s) β_t(s))
    private protected override void CtcBackwardCore(View logits, View targets, View alphas, View logSums, View dy, View dx, CtcSizes sizes)
    {
        CheckTargets(Whole(targets), sizes, nameof(CtcBackward));
        var DX = Values(dx);
        DX.Clear();
        for (int n = 0; n < sizes.N; n++)
        {
            var e = new CtcExample(Values(logits), Values(targets), Values(alphas), Values(logSums), n, sizes);
            double[] beta = new double[e.States], next = new double[e.States + 2], paths = new double[e.States];
            for (int t = e.Steps - 1; t >= 0; t--)
            {
                for (int s = 0; s < e.States; s++)
                {
                    beta[s] = t == e.Steps - 1 ? s >= e.States - 2 ? 0 : double.NegativeInfinity
                        : LogSumExp.Reference([next[s], next[s + 1], s + 2 < e.States && e.Skips(s + 2) ? next[s + 2] : double.NegativeInfinity], 1);
                    paths[s] = e.Alpha(t, s) + beta[s];
                }
                next.AsSpan().Fill(double.NegativeInfinity);
                for (int s = 0; s < e.States; s++) next[s] = beta[s] + e.LogY(t, s);
                double all = LogSumExp.Reference(paths, 1), g = Values(dy)[n];
                if (double.IsNegativeInfinity(all)) continue;
                var row = DX.Slice((n * sizes.T + t) * sizes.C, sizes.C);
                for (int c = 0; c < sizes.C; c++) row[c] = g * Math.Exp(e.Logits[t * sizes.C + c] - e.LogSums[t]);
                for (int s = 0; s < e.States; s++) row[e.Class(s)] -= g * Math.Exp(paths[s] - all);
            }
        }
    }

    private int[] Whole(View targets) => Array.ConvertAll(Values(targets).ToArray(), value => (int)value);

    /// <summary>One example of a batch.</summary>
    private readonly ref struct CtcExample(Span<double> logits, Span<double> targets, Span<double> alphas, Span<double> logSums, int n, CtcSizes sizes)
    {
        private readonly Span<double> target = targets.Slice(n * sizes.TargetLength, sizes.TargetLength);
        private readonly CtcSizes sizes = sizes;

        public readonly Span<double> Logits = logits.Slice(n * sizes.T * sizes.C, sizes.T * sizes.C);
        public readonly Span<double> Alphas = alphas.Slice(n * sizes.T * sizes.States, sizes.T * sizes.States);
        public readonly Span<double> LogSums = logSums.Slice(n * sizes.T, sizes.T);

        public int Steps => (int)target[0];

        public int States => 2 * (int)target[1] + 1;

        /// <summary>l'_s.</summary>
        public int Class(int s) => s % 2 == 0 ? sizes.Blank : (int)target[2 + s / 2];

        /// <summary>Whether a path may come to state s from s − 2.</summary>
        public bool Skips(int s) => s >= 3 && s % 2 == 1 && Class(s) != Class(s - 2);

        /// <summary>ln y_t(l'_s).</summary>
        public double LogY(int t, int s) => Logits[t * sizes.C + Class(s)] - LogSums[t];

        public double Alpha(int t, int s) => t < 0 || s < 0 ? double.NegativeInfinity : Alphas[t * sizes.States + s];
    }
}
