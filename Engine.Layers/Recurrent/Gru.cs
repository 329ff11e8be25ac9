using Engine.Core;

namespace Engine.Layers;

/// <summary>Gated recurrent unit: r, z = σ(W·x + b + U·h + c) each, n = tanh(W·x + b + r·(U·h + c)), h' = (1 − z)·n + z·h.</summary>
/// <remarks>Gates in the order r, z, n, three blocks of H rows of each parameter, as PyTorch stores them; its n takes the reset after the product, as cuDNN and
/// Keras' reset_after=True do. Source: Cho et al. 2014, arXiv:1406.1078. Inputs, lengths and
/// the parameters' names: see <see cref="Recurrent"/>.</remarks>
public sealed class Gru : Recurrent
{
    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="inputSize">C, the size of a step's input.</param>
    /// <param name="hiddenSize">H, the size of one direction's state.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="layers">How many lie on one another.</param>
    /// <param name="bidirectional">Whether each layer goes through the sequence backward too; its outputs are 2·H then.</param>
    /// <param name="dropout">The probability to drop an output of each layer but the last while training.</param>
    /// <param name="returnSequences">True for every step's output, (B, T, H) or (B, T, 2·H); false for the last state of each direction, (B, H) or (B, 2·H),
    /// forward's after the sequence's last step and backward's after step 0.</param>
    /// <param name="bias">False to leave both biases out.</param>
    /// <param name="init">Draws the numbers, <see cref="RecurrentInit.Keras"/> for instance. Left out, all are uniform in ±1/√hiddenSize, as in PyTorch.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, or the dropout not in [0, 1).</exception>
    public Gru(int inputSize, int hiddenSize, Rng rng, int layers = 1, bool bidirectional = false, double dropout = 0, bool returnSequences = true, bool bias = true, RecurrentInit? init = null)
        : base(Recurrence.Gru, inputSize, hiddenSize, rng, layers, bidirectional, dropout, returnSequences, bias, init) { }

    /// <summary>One layer's cell, for one step at a time; it has the very parameters of this layer.</summary>
    /// <param name="layer">Which of the layers, from 0.</param>
    /// <param name="reverse">Whether the backward direction's.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or direction.</exception>
    public GruCell Cell(int layer = 0, bool reverse = false) => new(WeightsOf(layer, reverse));
}

/// <summary>One step of a <see cref="Gru"/>.</summary>
public sealed class GruCell : RecurrentCell
{
    /// <summary>A cell with numbers newly drawn.</summary>
    /// <param name="inputSize">C, the size of a step's input.</param>
    /// <param name="hiddenSize">H, the size of the state.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="bias">False to leave both biases out.</param>
    /// <param name="init">Draws the numbers. Left out, all are uniform in ±1/√hiddenSize, as in PyTorch.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1.</exception>
    public GruCell(int inputSize, int hiddenSize, Rng rng, bool bias = true, RecurrentInit? init = null) : base(Recurrence.Gru, inputSize, hiddenSize, rng, bias, init) { }

    internal GruCell(RecurrentWeights weights) : base(Recurrence.Gru, weights) { }
}
