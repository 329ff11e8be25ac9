namespace Engine.Layers;

/// <summary>One search for the likeliest labellings.</summary>
internal sealed class CtcBeam(int width, int blank, Func<IReadOnlyList<int>, int, double>? score)
{
    private const double Never = double.NegativeInfinity;

    /// <summary>The first labels of a labelling, and the probability of the paths so far that read as them: of those whose last class is the blank, and of
    /// those whose last class is the last label; of this step and, while it is computed, of the next.</summary>
    private sealed class Beginning(Beginning? before, int label, int length, double language)
    {
        private Dictionary<int, Beginning>? longer;

        public readonly int Label = label, Length = length;
        public readonly double Language = language;
        public double Blank = Never, Last = Never, NextBlank = Never, NextLast = Never;
        public bool Reached;

        public double Score => LogAdd(Blank, Last) + Language;

        /// <summary>This with one more label, always the same one for the same label.</summary>
        public Beginning With(int next, Func<IReadOnlyList<int>, int, double>? score)
        {
            longer ??= [];
            if (longer.TryGetValue(next, out var known)) return known;
            double more = score is null ? 0 : score(Labels(), next);
            if (double.IsNaN(more)) throw new ArgumentException($"The score of label {next} after [{string.Join(", ", Labels())}] is NaN. Give −∞ for what cannot be.", nameof(score));
            return longer[next] = new Beginning(this, next, Length + 1, Language + more);
        }

        public int[] Labels()
        {
            var labels = new int[Length];
            for (var at = this; at.Length > 0; at = at.Before!) labels[at.Length - 1] = at.Label;
            return labels;
        }

        private Beginning? Before { get; } = before;
    }

    /// <param name="logs">Log-probabilities, a row a step.</param>
    public CtcLabelling[] Search(double[][] logs)
    {
        List<Beginning> beam = [new Beginning(null, -1, 0, 0) { Blank = 0 }];
        foreach (double[] step in logs)
        {
            var reached = new List<Beginning>();
            foreach (var one in beam)
            {
                double all = LogAdd(one.Blank, one.Last);
                Reach(one).NextBlank = LogAdd(one.NextBlank, all + step[blank]);
                if (one.Length > 0) one.NextLast = LogAdd(one.NextLast, one.Last + step[one.Label]);
                for (int c = 0; c < step.Length; c++)
                {
                    // A label again is a new one only after a blank.
                    double from = c == one.Label ? one.Blank : all;
                    if (c == blank || from + step[c] == Never) continue;
                    var longer = Reach(one.With(c, score));
                    longer.NextLast = LogAdd(longer.NextLast, from + step[c]);
                }
            }
            foreach (var one in reached) (one.Blank, one.Last, one.NextBlank, one.NextLast, one.Reached) = (one.NextBlank, one.NextLast, Never, Never, false);
            beam = [.. reached.OrderByDescending(one => one.Score).Take(width)];

            Beginning Reach(Beginning one)
            {
                if (!one.Reached) reached.Add(one);
                one.Reached = true;
                return one;
            }
        }
        return [.. beam.Select(one => new CtcLabelling(one.Labels(), one.Score))];
    }

    /// <summary>ln(eᵃ + eᵇ).</summary>
    private static double LogAdd(double a, double b)
    {
        double most = Math.Max(a, b);
        return most == Never ? Never : most + Math.Log(Math.Exp(a - most) + Math.Exp(b - most));
    }
}
