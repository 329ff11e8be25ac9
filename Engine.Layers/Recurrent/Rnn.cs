using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>The plain recurrent layer: h' = activation(W·x + b + U·h + c).</summary>
/// <remarks>Source: Elman 1990, "Finding structure in time". Inputs, lengths and
/// the parameters' names: see <see cref="Recurrent"/>.</remarks>
public sealed class Rnn : Recurrent
{
    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="inputSize">C, the size of a step's input.</param>
    /// <param name="hiddenSize">H, the size of one direction's state.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="activation">Tanh or Relu.</param>
    /// <param name="layers">How many lie on one another.</param>
    /// <param name="bidirectional">Whether each layer goes through the sequence backward too; its outputs are 2·H then.</param>
    /// <param name="dropout">The probability to drop an output of each layer but the last while training.</param>
    /// <param name="returnSequences">True for every step's output, (B, T, H) or (B, T, 2·H); false for the last state of each direction, (B, H) or (B, 2·H),
    /// forward's after the sequence's last step and backward's after step 0.</param>
    /// <param name="bias">False to leave both biases out.</param>
    /// <param name="init">Draws the numbers, <see cref="RecurrentInit.Keras"/> for instance. Left out, all are uniform in ±1/√hiddenSize, as in PyTorch.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, the dropout not in [0, 1), or the activation another one.</exception>
    public Rnn(int inputSize, int hiddenSize, Rng rng, Activation activation = Activation.Tanh, int layers = 1, bool bidirectional = false, double dropout = 0, bool returnSequences = true, bool bias = true, RecurrentInit? init = null)
        : base(Recurrence.Rnn(activation), inputSize, hiddenSize, rng, layers, bidirectional, dropout, returnSequences, bias, init) => this.activation = activation;

    private readonly Activation activation;

    /// <summary>One layer's cell, for one step at a time; it has the very parameters of this layer.</summary>
    /// <param name="layer">Which of the layers, from 0.</param>
    /// <param name="reverse">Whether the backward direction's.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or direction.</exception>
    public RnnCell Cell(int layer = 0, bool reverse = false) => new(WeightsOf(layer, reverse), activation);
}

/// <summary>One step of an <see cref="Rnn"/>.</summary>
public sealed class RnnCell : RecurrentCell
{
    /// <summary>A cell with numbers newly drawn.</summary>
    /// <param name="inputSize">C, the size of a step's input.</param>
    /// <param name="hiddenSize">H, the size of the state.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="activation">Tanh or Relu.</param>
    /// <param name="bias">False to leave both biases out.</param>
    /// <param name="init">Draws the numbers. Left out, all are uniform in ±1/√hiddenSize, as in PyTorch.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, or the activation another one.</exception>
    public RnnCell(int inputSize, int hiddenSize, Rng rng, Activation activation = Activation.Tanh, bool bias = true, RecurrentInit? init = null) : base(Recurrence.Rnn(activation), inputSize, hiddenSize, rng, bias, init) { }

    internal RnnCell(RecurrentWeights weights, Activation activation) : base(Recurrence.Rnn(activation), weights) { }
}
