namespace Engine.Tests;

/// <summary>Connectionist temporal classification by walking through all paths, which are Cᵀ.</summary>
internal static class CtcBruteForce
{
    /// <summary>All labellings of at most so many labels, the shorter ones first.</summary>
    public static IEnumerable<int[]> Labellings(int classes, int most, int blank)
    {
        IEnumerable<int[]> longest = [[]];
        for (int length = 0; length <= most; length++)
        {
            foreach (int[] labels in longest) yield return labels;
            longest = [.. longest.SelectMany(labels => Enumerable.Range(0, classes).Where(c => c != blank).Select(c => (int[])[.. labels, c]))];
        }
    }

    public static int StepsNeeded(int[] labels) => labels.Length + Enumerable.Range(1, Math.Max(0, labels.Length - 1)).Count(i => labels[i] == labels[i - 1]);

    /// <summary>What a path reads as.</summary>
    public static int[] Collapse(int[] path, int blank) => [.. path.Where((c, t) => c != blank && (t == 0 || path[t - 1] != c))];

    /// <summary>Every path of so many steps.</summary>
    public static IEnumerable<int[]> Paths(int steps, int classes)
    {
        for (int number = 0; number < (int)Math.Pow(classes, steps); number++)
        {
            var path = new int[steps];
            for (int t = 0, rest = number; t < steps; t++, rest /= classes) path[t] = rest % classes;
            yield return path;
        }
    }

    /// <summary>The softmax of each step.</summary>
    public static double[] Softmax(ReadOnlySpan<double> logits, int steps, int classes)
    {
        var y = new double[steps * classes];
        for (int t = 0; t < steps; t++)
        {
            double sum = 0;
            for (int c = 0; c < classes; c++) sum += Math.Exp(logits[t * classes + c]);
            for (int c = 0; c < classes; c++) y[t * classes + c] = Math.Exp(logits[t * classes + c]) / sum;
        }
        return y;
    }

    public static double Probability(double[] y, int classes, int[] path) => path.Select((c, t) => y[t * classes + c]).Aggregate(1.0, (a, b) => a * b);

    /// <summary>A target's probability p, and the gradient of −ln p for each logit: y_tc − Σ_{paths through c at t} p(path) / p.</summary>
    public static (double Probability, double[] Gradient) Gradient(ReadOnlySpan<double> logits, int steps, int classes, int[] target, int blank)
    {
        double[] y = Softmax(logits, steps, classes), through = new double[steps * classes];
        double probability = 0;
        foreach (int[] path in Paths(steps, classes))
        {
            if (!Collapse(path, blank).SequenceEqual(target)) continue;
            double p = Probability(y, classes, path);
            probability += p;
            for (int t = 0; t < steps; t++) through[t * classes + path[t]] += p;
        }
        return (probability, [.. y.Zip(through, (a, b) => a - b / probability)]);
    }
}
