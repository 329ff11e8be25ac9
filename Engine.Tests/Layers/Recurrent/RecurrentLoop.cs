namespace Engine.Tests.Layers.Recurrent;

/// <summary>One step of each recurrent layer by its formula, in plain loops over doubles: what the layers are held against.</summary>
internal static class RecurrentLoop
{
    /// <summary>Of one sequence, the state after each step.</summary>
    /// <param name="kind">"lstm", "gru" or "rnn".</param>
    /// <param name="x">Its steps.</param>
    /// <param name="wi">(gates·H, C).</param>
    /// <param name="wh">(gates·H, H).</param>
    /// <param name="bi">(gates·H).</param>
    /// <param name="bh">(gates·H).</param>
    /// <param name="h">The state before.</param>
    /// <param name="c">An LSTM's cell before.</param>
    public static double[][] Run(string kind, double[][] x, float[] wi, float[] wh, float[] bi, float[] bh, double[] h, double[] c)
    {
        int n = h.Length;
        var states = new List<double[]>();
        foreach (double[] step in x)
        {
            double Input(int row) => bi[row] + step.Select((v, i) => wi[row * step.Length + i] * v).Sum();
            double Hidden(int row) => bh[row] + h.Select((v, i) => wh[row * n + i] * v).Sum();
            double Gate(int gate, int j) => Input(gate * n + j) + Hidden(gate * n + j);
            var (nextH, nextC) = (new double[n], new double[n]);
            for (int j = 0; j < n; j++)
            {
                if (kind == "lstm")
                {
                    nextC[j] = Sigmoid(Gate(1, j)) * c[j] + Sigmoid(Gate(0, j)) * Math.Tanh(Gate(2, j));
                    nextH[j] = Sigmoid(Gate(3, j)) * Math.Tanh(nextC[j]);
                }
                else if (kind == "gru")
                {
                    double r = Sigmoid(Gate(0, j)), z = Sigmoid(Gate(1, j)), candidate = Math.Tanh(Input(2 * n + j) + r * Hidden(2 * n + j));
                    nextH[j] = (1 - z) * candidate + z * h[j];
                }
                else nextH[j] = Math.Tanh(Gate(0, j));
            }
            (h, c) = (nextH, nextC);
            states.Add(h);
        }
        return [.. states];
    }

    private static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
}
