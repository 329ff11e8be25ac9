namespace Engine.Layers;

/// <summary>The hypotheses of one source.</summary>
internal sealed class Beam(BeamSearch search, int source, int start)
{
    /// <summary>Rounding may bring the logarithm of 1 this far over 0.</summary>
    private const float OverZero = 1e-3f;

    private readonly List<Hypothesis> noted = [];                   // the best first

    /// <summary>Those that go on, the best first.</summary>
    public List<Node> Live { get; private set; } = [new Node(source, start, null, 0, 0)];

    /// <summary>A hypothesis: its last token, and the one before it.</summary>
    public sealed record Node(int Source, int Token, Node? Before, int Length, double LogProbability);

    /// <summary>Takes the next token of each.</summary>
    /// <param name="logs">A row of log-probabilities for each that is live.</param>
    /// <param name="tokens">Numbers of a row.</param>
    /// <param name="length">The length that they have now.</param>
    /// <param name="firstRow">The row, of all sources' together, of the first.</param>
    /// <param name="parents">Takes the row that each of the next ones came from.</param>
    public void Advance(ReadOnlySpan<float> logs, int tokens, int length, int firstRow, List<int> parents)
    {
        var best = Best(logs, tokens, length);
        var next = new List<Node>();
        for (int rank = 0; rank < best.Count; rank++)
        {
            var (row, token, sum) = best[rank];
            var node = new Node(source, token, Live[row], length, sum);
            if (token == search.EndToken)
            {
                if (rank < search.Width) Note(node, ended: true);
            }
            else if (length == search.MaxLength) Note(node, ended: false);
            else if (next.Count < search.Width)
            {
                next.Add(node);
                parents.Add(firstRow + row);
            }
        }
        if (next.Count > 0 && noted.Count == search.Width && noted[^1].Score >= Score(next[0].LogProbability, search.MaxLength))
        {
            parents.RemoveRange(parents.Count - next.Count, next.Count);
            next.Clear();
        }
        if (next.Count == 0 && noted.Count == 0)
            throw new InvalidOperationException($"Source {source}: every token of step {length} has the log-probability −∞, so no hypothesis can go on or end. Leave one possible.");
        Live = next;
    }

    /// <summary>The sequences found, the best first.</summary>
    public IReadOnlyList<Hypothesis> Result() => noted;

    /// <summary>The best tokens after any of the hypotheses, twice the width: at most a width of them end a sequence.</summary>
    private List<(int Row, int Token, double Sum)> Best(ReadOnlySpan<float> logs, int tokens, int length)
    {
        int most = (int)Math.Min(2L * search.Width, logs.Length);
        var best = new List<(int Row, int Token, double Sum)>(most + 1);
        double last = double.NegativeInfinity;                      // what a sum must be over
        for (int row = 0; row < Live.Count; row++)
        {
            double before = Live[row].LogProbability;
            var numbers = logs.Slice(row * tokens, tokens);
            for (int token = 0; token < tokens; token++)
            {
                float log = numbers[token];
                if (!(log <= OverZero)) throw NoLogProbability(log, token, length);
                double sum = before + log;
                if (!(sum > last)) continue;
                int at = best.Count;
                while (at > 0 && best[at - 1].Sum < sum) at--;
                best.Insert(at, (row, token, sum));
                if (best.Count > most) best.RemoveAt(most);
                if (best.Count == most) last = best[^1].Sum;
            }
        }
        return best;
    }

    private void Note(Node end, bool ended)
    {
        double score = Score(end.LogProbability, end.Length);
        int at = noted.Count;
        while (at > 0 && noted[at - 1].Score < score) at--;
        if (at == search.Width) return;
        var tokens = new int[ended ? end.Length - 1 : end.Length];
        var node = ended ? end.Before! : end;
        for (int i = tokens.Length - 1; i >= 0; i--, node = node.Before!) tokens[i] = node.Token;
        noted.Insert(at, new Hypothesis(tokens, end.LogProbability, score, ended));
        if (noted.Count > search.Width) noted.RemoveAt(search.Width);
    }

    private double Score(double logProbability, int length) => search.LengthPenalty == 0 ? logProbability : logProbability / Math.Pow(length, search.LengthPenalty);

    private Exception NoLogProbability(float log, int token, int length) => float.IsNaN(log)
        ? new NotFiniteNumberException($"Source {source}: the log-probability of token {token} at step {length} is NaN. Look for numbers in the state or the weights that are not finite.", log)
        : new ArgumentException($"Source {source}: the log-probability of token {token} at step {length} is {log}, over 0. Let the step end with LogSoftmax().");
}
