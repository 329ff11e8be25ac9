using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Sums as text, a token each character: "123+45" to "168".</summary>
/// <remarks>The task is that of Keras' example "Sequence to sequence learning for performing number addition", which learns from 45,000 sums.</remarks>
internal sealed class Addition : Seq2SeqTask
{
    private const int Learned = 200_000, Tested = 5_000;

    private const string Characters = "_$^0123456789+";             // padding, end, start, then those of the sums

    private const int End = 1, Start = 2;

    private readonly (int A, int B)[] test;

    /// <summary>Draws the sums; none comes twice, nor the same two numbers the other way round, so that the test has no sum that was learned. The test's are drawn
    /// evenly. Among those to learn from, a quarter of the numbers are drawn from the lowest tenth, or short ones would be too rare to be learned.</summary>
    /// <param name="below">What the numbers are below.</param>
    /// <param name="limit">The most sums to learn from, and the most to test with.</param>
    /// <param name="reverse">Whether the questions are written from right to left.</param>
    /// <param name="rng">Draws them.</param>
    public Addition(int below, int limit, bool reverse, Rng rng)
    {
        int count = (int)Math.Min(Learned + Tested, (long)below * (below + 1) / 2), tested = Math.Min(Tested, count / 10);
        var drawn = new List<(int A, int B)>(count);
        var seen = new HashSet<(int, int)>();
        while (drawn.Count < count)
        {
            int a = Number(), b = Number();
            if (seen.Add((Math.Min(a, b), Math.Max(a, b)))) drawn.Add((a, b));
        }
        test = [.. drawn.Take(tested).Take(limit)];
        Train = [.. drawn.Skip(tested).Take(limit).Select(sum => Pair(sum, reverse))];
        Test = [.. test.Select(sum => Pair(sum, reverse))];

        int Number() => rng.NextInt(drawn.Count >= tested && rng.NextInt(4) == 0 ? Math.Max(1, below / 10) : below);
    }

    public override string Name => "addition";

    public override TokenPair[] Train { get; }

    public override TokenPair[] Test { get; }

    public override Seq2SeqSettings Sizes => new()
    {
        SourceTokens = Characters.Length,
        TargetTokens = Characters.Length,
        StartToken = Start,
        EndToken = End,
        EmbeddingSize = 32,
        HiddenSize = 128,
        MaxLength = 12,
    };

    public override (int Epochs, int Batch, int Beam) Usual => (10, 32, 1);

    public override (string Name, double Value)[] Try(TrainingReport report, Func<TokenPair[], int[][]> write)
    {
        int[][] written = write(Test);
        int right = 0, long3 = 0, right3 = 0;
        for (int i = 0; i < test.Length; i++)
        {
            var (a, b) = test[i];
            string sum = Decode(written[i]);
            bool hit = sum == $"{a + b}", three = a > 99 && b > 99;
            if (hit) right++;
            if (three) long3++;
            if (hit && three) right3++;
            if (i < 10) Console.WriteLine($"{a,4} + {b,4} = {sum,-5} {(hit ? "right" : $"wrong, {a + b}")}");
        }
        Console.WriteLine($"{right:N0} of {test.Length:N0} unseen sums exact; of two numbers of three digits, {right3:N0} of {long3:N0}");
        return [("test_accuracy", Share(right, test.Length)), ("test_accuracy_three_digits", Share(right3, long3))];
    }

    public static int[] Encode(string text) => [.. text.Select(c => Characters.IndexOf(c))];

    public static string Decode(IEnumerable<int> tokens) => string.Concat(tokens.Select(token => Characters[token]));

    private static TokenPair Pair((int A, int B) sum, bool reverse)
    {
        int[] question = Encode($"{sum.A}+{sum.B}");
        if (reverse) Array.Reverse(question);
        return new TokenPair(question, (int[])[.. Encode($"{sum.A + sum.B}"), End]);
    }
}
