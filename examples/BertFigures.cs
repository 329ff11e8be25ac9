using System.Globalization;
using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>How a BERT does its two tasks on texts that it has not seen.</summary>
/// <param name="MaskedLoss">The mean of −ln p(token) over the hidden tokens.</param>
/// <param name="MaskedAccuracy">The share of hidden tokens whose likeliest guess is right.</param>
/// <param name="UnigramEntropy">What that loss would be for one who guesses by nothing but how often each token is among these hidden ones.</param>
/// <param name="NextAccuracy">The share of pairs told right, half of which are real.</param>
internal sealed record BertFigures(double MaskedLoss, double MaskedAccuracy, double UnigramEntropy, double NextAccuracy)
{
    public static BertFigures Of(BertForPreTraining model, IBatches held, CancellationToken cancel)
    {
        var device = model.Parameters[0].Value.Device;
        var (tokens, pairs, counts) = (new Accuracy(), new Accuracy(), new Dictionary<int, int>());
        double sum = 0;
        int hidden = 0;
        using var noGrad = NoGrad.Begin();
        foreach (var batch in held.Epoch(0, device, cancel: cancel))
        {
            using var scope = device.Scope("the test");
            var labels = batch[MaskedPairCollator.Labels];
            var scores = model.Forward(batch.Inputs, batch[MaskedPairCollator.Types], Pass.Inference.WithLengths(batch.Lengths).WithCancellation(cancel), places: batch[MaskedPairCollator.Places]);
            sum += Loss.CrossEntropy(scores.Tokens, labels).Item() * labels.Count;
            hidden += labels.Count;
            tokens.Add(scores.Tokens, labels);
            pairs.Add(scores.NextSentence, batch.Targets);
            foreach (int label in labels.ToArray<int>()) counts[label] = counts.GetValueOrDefault(label) + 1;
        }
        return new BertFigures(sum / hidden, tokens.Value, -counts.Values.Sum(count => (double)count / hidden * Math.Log((double)count / hidden)), pairs.Value);
    }

    /// <summary>For the line of JSON.</summary>
    public (string, double)[] InJson()
        => [("masked_loss", MaskedLoss), ("unigram_entropy", UnigramEntropy), ("masked_accuracy", MaskedAccuracy), ("next_sentence_accuracy", NextAccuracy)];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"held-out texts: hidden tokens {MaskedLoss:0.000} nats, {UnigramEntropy - MaskedLoss:0.000} under their unigram entropy of {UnigramEntropy:0.000}, and {MaskedAccuracy:P1} right; next sentences {NextAccuracy:P1} right");
}
