using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Layers that go through sequences step by step: <see cref="Rnn"/>, <see cref="Gru"/> and <see cref="Lstm"/>.</summary>
/// <remarks>Inputs are (B, T, C), with the lengths of <see cref="Pass.Lengths"/> where sequences are padded: several layers stay packed within, a step past a
/// sequence's end costs nothing, and outputs there are 0. Parameters of layer k, from 0 on: weight_ih_lk (gates·H, C), weight_hh_lk (gates·H, H), bias_ih_lk and
/// bias_hh_lk (gates·H), and the same with _reverse at the end for the backward direction: PyTorch's names and order, so its state dict loads as it is.</remarks>
public abstract partial class Recurrent : Layer
{
    private readonly Recurrence kind;
    private readonly RecurrentWeights[] weights;                    // layer by layer, forward before backward
    private readonly double dropout;

    private protected Recurrent(Recurrence kind, int inputSize, int hiddenSize, Rng rng, int layers, bool bidirectional, double dropout, bool returnSequences, bool bias, RecurrentInit? init)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hiddenSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        if (!(dropout >= 0 && dropout < 1)) throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "A probability to drop is in [0, 1).");
        (this.kind, this.dropout, Layers, Bidirectional, ReturnSequences) = (kind, dropout, layers, bidirectional, returnSequences);
        weights = new RecurrentWeights[layers * Directions];
        for (int i = 0; i < weights.Length; i++)
        {
            string suffix = $"_l{i / Directions}{(i % Directions == 1 ? "_reverse" : "")}";
            weights[i] = RecurrentWeights.New(kind, i < Directions ? inputSize : OutputSizeOf(hiddenSize), hiddenSize, rng, bias, init, NewParameter, suffix);
        }
    }

    /// <summary>C, the size of a step's input.</summary>
    public int InputSize => weights[0].InputSize;

    /// <summary>H, the size of one direction's state.</summary>
    public int HiddenSize => weights[0].HiddenSize;

    /// <summary>H, or 2·H of a bidirectional layer: the size of a step's output.</summary>
    public int OutputSize => OutputSizeOf(HiddenSize);

    /// <summary>How many lie on one another.</summary>
    public int Layers { get; }

    /// <summary>Whether each layer goes through the sequence backward too.</summary>
    public bool Bidirectional { get; }

    /// <summary>Whether <see cref="Layer.Forward"/> gives every step's output, or the last state only.</summary>
    public bool ReturnSequences { get; }

    /// <summary>Writes the weights of a Keras layer over those of one direction of one layer, all or none.</summary>
    /// <param name="kernel">(C, gates·H): get_weights()[0].</param>
    /// <param name="recurrentKernel">(H, gates·H): get_weights()[1].</param>
    /// <param name="bias">(gates·H), or (2, gates·H) of a GRU: get_weights()[2]. Left out for use_bias=False.</param>
    /// <param name="layer">Which of the layers, from 0.</param>
    /// <param name="reverse">Whether the backward direction, the second three arrays of Keras' Bidirectional.</param>
    /// <exception cref="ShapeException">An array has another shape, or the bias is of a GRU with reset_after=False.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or direction.</exception>
    /// <remarks>Keras' kernels are the transposes of these weights. Its LSTM has the gates i, f, c, o, which are PyTorch's i, f, g, o; its GRU z, r, h, which
    /// become r, z, n. Where it has one bias, bias_ih is that and bias_hh 0. Keras' GRU updates h by z as PyTorch does, h' = z·h + (1 − z)·n.</remarks>
    public void LoadKeras(Tensor kernel, Tensor recurrentKernel, Tensor? bias = null, int layer = 0, bool reverse = false)
        => WeightsOf(layer, reverse).LoadKeras(kind, kernel, recurrentKernel, bias);

    /// <inheritdoc/>
    protected override string Settings
    {
        get
        {
            string many = Layers == 1 ? "" : $", layers={Layers}", drops = dropout == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", dropout={dropout}");
            return $"{InputSize} -> {HiddenSize}{kind.Words}{many}{(Bidirectional ? ", bidirectional" : "")}{drops}{(ReturnSequences ? "" : ", last state")}{(weights[0].BiasInput is null ? ", no bias" : "")}";
        }
    }

    private protected RecurrentWeights WeightsOf(int layer, bool reverse)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Layers);
        if (reverse && !Bidirectional) throw new ArgumentOutOfRangeException(nameof(reverse), reverse, "This layer goes forward only. Make it with bidirectional: true.");
        return weights[layer * Directions + (reverse ? 1 : 0)];
    }

    private int Directions => Bidirectional ? 2 : 1;

    private int OutputSizeOf(int hiddenSize) => Directions * hiddenSize;
}
