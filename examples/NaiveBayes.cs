using Engine.Layers;

namespace Engine.Examples;

/// <summary>Multinomial naive Bayes: the class whose words a text's words are the likeliest, by how often each came in training. What a network has to beat.</summary>
/// <remarks>log P(c | text) = log P(c) + Σ log P(token | c) + constant, with P(token | c) = (count + α) / (tokens of c + α·vocabulary), Laplace's
/// smoothing. Source: Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", chapter 13.</remarks>
internal sealed class NaiveBayes
{
    private readonly double[] priors;            // log P(c)
    private readonly double[][] likelihoods;     // log P(token | c)

    /// <param name="texts">Texts to learn from; each class has at least one.</param>
    /// <param name="vocabulary">How many tokens there are.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="alpha">α.</param>
    public NaiveBayes(IReadOnlyList<LabelledTokens> texts, int vocabulary, int classes, double alpha = 1)
    {
        var counts = new double[classes][];
        for (int c = 0; c < classes; c++) counts[c] = new double[vocabulary];
        priors = new double[classes];
        foreach (var text in texts)
        {
            priors[text.Class]++;
            foreach (int token in text.Tokens.Span) counts[text.Class][token]++;
        }
        priors = [.. priors.Select(count => Math.Log(count / texts.Count))];
        likelihoods = [.. counts.Select(tokens =>
        {
            double all = tokens.Sum() + alpha * vocabulary;
            return tokens.Select(count => Math.Log((count + alpha) / all)).ToArray();
        })];
    }

    /// <summary>The likeliest class of a text.</summary>
    public int Predict(ReadOnlySpan<int> tokens)
    {
        int best = 0;
        double most = double.NegativeInfinity;
        for (int c = 0; c < priors.Length; c++)
        {
            double sum = priors[c];
            foreach (int token in tokens) sum += likelihoods[c][token];
            if (sum > most) (best, most) = (c, sum);
        }
        return best;
    }

    /// <summary>The share of texts whose class is found.</summary>
    public double Accuracy(IReadOnlyList<LabelledTokens> texts) => texts.Average(text => Predict(text.Tokens.Span) == text.Class ? 1.0 : 0);
}
