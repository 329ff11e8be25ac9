using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Which character comes next: vectors of characters, LSTM layers, and a score for each character.</summary>
internal sealed class CharRnnModel : Layer
{
    private readonly Embedding vectors;
    private readonly Lstm lstm;
    private readonly Linear output;

    public CharRnnModel(int characters, int hidden, int layers, Rng rng)
    {
        vectors = Register("embedding", new Embedding(characters, Math.Min(characters, hidden), rng));
        lstm = Register("lstm", new Lstm(vectors.Size, hidden, rng, layers));
        output = Register("output", new Linear(hidden, characters, rng));
    }

    public int Characters => output.OutFeatures;

    /// <summary>What the state of so many texts is like.</summary>
    public RecurrentState Zeros(int texts)
    {
        var zeros = Tensor.Zeros([lstm.Layers, texts, lstm.HiddenSize], Parameters[0].Value.Device);
        return new RecurrentState(zeros, zeros);
    }

    /// <summary>Goes on from a state.</summary>
    /// <param name="x">Int32, (B, T).</param>
    /// <param name="pass">Whether this is training.</param>
    /// <param name="state">Where the texts before ended; null at a beginning.</param>
    /// <returns>Logits of the next character at each place, (B, T, Characters), and where the texts end.</returns>
    public (Tensor Logits, RecurrentState State) Run(Tensor x, Pass pass, RecurrentState? state) => Within(pass, () =>
    {
        var (h, last) = lstm.Run(vectors.Forward(x, pass), pass, state);
        return (output.Forward(h, pass), last);
    }, y => y.Item1);

    /// <summary>The mean of −ln p(next character).</summary>
    public Tensor Loss(Tensor logits, Tensor targets) => logits.Reshape(-1, Characters).CrossEntropy(targets.Flatten());

    protected override Tensor Compute(Tensor x, Pass pass) => Run(x, pass, null).Logits;

    /// <summary>Writes on after a beginning.</summary>
    /// <param name="beginning">One character at least.</param>
    /// <param name="length">Characters to write.</param>
    /// <param name="sampler">Draws each of them.</param>
    /// <param name="rng">Its random numbers.</param>
    /// <param name="cancel">Ends it.</param>
    public int[] Write(int[] beginning, int length, TokenSampler sampler, Rng rng, CancellationToken cancel)
    {
        var device = Parameters[0].Value.Device;
        var pass = Pass.Inference.WithCancellation(cancel);
        using var noGrad = NoGrad.Begin();
        var written = new int[length];
        var carried = new CarriedState(Zeros(1));
        int[] next = beginning;
        for (int i = 0; i < length; i++)
        {
            using var scope = device.Scope("a character");
            var (logits, state) = Run(Tensor.From(next, [1, next.Length], device), pass, carried.Begin());
            carried.GoOn(state);
            written[i] = sampler.Draw(logits[.., ^1], rng)[0];
            next = [written[i]];
        }
        return written;
    }
}
