using Engine.Core;

namespace Engine.Layers;

/// <summary>Reads labels from the logits of a model that was trained with <see cref="Loss.Ctc(Tensor, Tensor)"/>. The same numbers give the same labels.</summary>
public static class CtcDecoder
{
    /// <summary>The labels of the likeliest path: the likeliest class of each step, those that follow their like dropped, then the blanks. Another labelling may
    /// be likelier, by many paths of which none is the best.</summary>
    /// <param name="logits">(N, T, C), or log-probabilities.</param>
    /// <param name="lengths">(N), the steps of each input, 1..T; T unless given.</param>
    /// <param name="blank">The class that means no label.</param>
    /// <returns>A labelling for each example.</returns>
    /// <exception cref="ShapeException">The logits are of another shape.</exception>
    /// <exception cref="SequenceException">A length is out of range, or a step's logits are not finite, where −∞ for some is fine.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The blank is no class.</exception>
    public static CtcLabelling[] Greedy(Tensor logits, int[]? lengths = null, int blank = 0)
        => ForEach(logits, lengths, blank, x => BestPath(x, blank));

    /// <summary>The likeliest labellings, found by following the likeliest beginnings from step to step, each with all of its paths.</summary>
    /// <param name="logits">(N, T, C), or log-probabilities.</param>
    /// <param name="width">How many beginnings are followed. Where it is more than there are, the result is exact.</param>
    /// <param name="lengths">(N), the steps of each input, 1..T; T unless given.</param>
    /// <param name="blank">The class that means no label.</param>
    /// <param name="score">A language model, if there is one: from the labels so far and the next one to what is added to the score, the logarithm of its
    /// probability times a weight, plus a bonus for a label, say. It is asked once for each beginning, in an order that does not vary.</param>
    /// <returns>For each example at most <paramref name="width"/> labellings, the best first; of equal ones the one that was found first.</returns>
    /// <exception cref="ShapeException">The logits are of another shape.</exception>
    /// <exception cref="SequenceException">A length is out of range, or a step's logits are not finite, where −∞ for some is fine.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The width is under 1, or the blank no class.</exception>
    /// <exception cref="ArgumentException">A score is NaN.</exception>
    /// <remarks>Time is T · width · C. Source: Graves and Jaitly 2014, "Towards end-to-end speech recognition with recurrent neural networks"; Hannun and others 2014,
    /// arXiv:1408.2873.</remarks>
    public static CtcLabelling[][] Beam(Tensor logits, int width = 10, int[]? lengths = null, int blank = 0, Func<IReadOnlyList<int>, int, double>? score = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return ForEach(logits, lengths, blank, x => new CtcBeam(width, blank, score).Search(x));
    }

    /// <param name="logs">Log-probabilities, a row a step.</param>
    /// <param name="blank">The class that means no label.</param>
    private static CtcLabelling BestPath(double[][] logs, int blank)
    {
        var labels = new List<int>();
        double score = 0;
        int last = blank;
        foreach (double[] step in logs)
        {
            int best = 0;
            for (int c = 1; c < step.Length; c++)
                if (step[c] > step[best]) best = c;
            score += step[best];
            if (best != blank && best != last) labels.Add(best);
            last = best;
        }
        return new CtcLabelling(labels, score);
    }

    private static R[] ForEach<R>(Tensor logits, int[]? lengths, int blank, Func<double[][], R> read)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.Rank != 3)
            throw new ShapeException($"CtcDecoder: the logits {logits.Describe()} must be (N, T, C), the batch first. Transpose(0, 1) makes that of (T, N, C).");
        var (n, steps, classes) = (logits.Shape[0], logits.Shape[1], logits.Shape[2]);
        if (blank < 0 || blank >= classes) throw new ArgumentOutOfRangeException(nameof(blank), blank, $"The blank is one of the classes of the logits {logits.Describe()}, 0..{classes - 1}.");
        if (lengths is not null && lengths.Length != n) throw new ShapeException($"CtcDecoder: there are {lengths.Length} lengths for {n} examples. Give one for each.");
        double[] all = logits.ToArray<double>();
        var found = new R[n];
        for (int i = 0; i < n; i++)
        {
            int length = lengths?[i] ?? steps;
            if (length < 1 || length > steps) throw new SequenceException($"CtcDecoder: row {i} has length {length}, and the logits {logits.Describe()} have 1..{steps} steps. Count the steps that the model made of it.", i);
            found[i] = read([.. Enumerable.Range(0, length).Select(t => LogSoftmax(all.AsSpan((i * steps + t) * classes, classes), i, t))]);
        }
        return found;
    }

    private static double[] LogSoftmax(ReadOnlySpan<double> logits, int row, int step)
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (double x in logits) max = Math.Max(max, x);
        foreach (double x in logits) sum += Math.Exp(x - max);
        double all = max + Math.Log(sum);
        if (!double.IsFinite(all)) throw new SequenceException($"CtcDecoder: the logits of row {row} at step {step} are not finite. Look for numbers in its input that are not.", row);
        var logs = new double[logits.Length];
        for (int c = 0; c < logs.Length; c++) logs[c] = logits[c] - all;
        return logs;
    }
}
