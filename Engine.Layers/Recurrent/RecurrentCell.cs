using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>One step of a recurrent layer: <see cref="RnnCell"/>, <see cref="GruCell"/> and <see cref="LstmCell"/>. For decoding, where a step's input depends on
/// the last one's output; a whole sequence goes faster through a layer.</summary>
/// <remarks>Parameters: weight_ih (gates·H, C), weight_hh (gates·H, H), bias_ih and bias_hh (gates·H), as PyTorch's cells name and order them.</remarks>
public abstract class RecurrentCell : Layer
{
    private readonly Recurrence kind;
    private readonly RecurrentWeights weights;

    private protected RecurrentCell(Recurrence kind, int inputSize, int hiddenSize, Rng rng, bool bias, RecurrentInit? init)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hiddenSize);
        this.kind = kind;
        weights = RecurrentWeights.New(kind, inputSize, hiddenSize, rng, bias, init, NewParameter, "");
    }

    private protected RecurrentCell(Recurrence kind, RecurrentWeights weights)
    {
        (this.kind, this.weights) = (kind, weights);
        Register("weight_ih", weights.Input);
        Register("weight_hh", weights.Hidden);
        if (weights.BiasInput is { } biasInput) Register("bias_ih", biasInput);
        if (weights.BiasHidden is { } biasHidden) Register("bias_hh", biasHidden);
    }

    /// <summary>C, the size of the input.</summary>
    public int InputSize => weights.InputSize;

    /// <summary>H, the size of the state.</summary>
    public int HiddenSize => weights.HiddenSize;

    /// <summary>The state after one step.</summary>
    /// <param name="x">The step's input, (B, C).</param>
    /// <param name="pass">What this pass is for.</param>
    /// <param name="state">The state before it, (B, H); zeros unless given.</param>
    /// <returns>(B, H). Its hidden state is the step's output.</returns>
    /// <exception cref="ShapeException">Shapes do not fit, or the batch is empty.</exception>
    /// <exception cref="SequenceException">The state that was given is not finite; it names the row.</exception>
    public RecurrentState Step(Tensor x, Pass pass, RecurrentState? state = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Within(pass, () => StepCore(x, state), y => y.Hidden);
    }

    /// <inheritdoc cref="Recurrent.LoadKeras"/>
    public void LoadKeras(Tensor kernel, Tensor recurrentKernel, Tensor? bias = null) => weights.LoadKeras(kind, kernel, recurrentKernel, bias);

    /// <inheritdoc/>
    protected override string Settings => $"{InputSize} -> {HiddenSize}{kind.Words}{(weights.BiasInput is null ? ", no bias" : "")}";

    /// <summary>The output of a first step, (B, C) to (B, H).</summary>
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => StepCore(x, null).Hidden;

    private RecurrentState StepCore(Tensor x, RecurrentState? state)
    {
        if (x.Rank != 2 || x.Shape[1] != InputSize) throw new ShapeException($"the input {x.Shape} must be one step, (B, {InputSize}).");
        if (x.Shape[0] == 0) throw new ShapeException($"the input {x.Shape} has no sequence: the batch is empty. Leave it out.");
        state?.Require([x.Shape[0], HiddenSize], kind.HasCell);
        var y = kind.Run(x, weights, SequenceLayout.Padded(x.Shape[0], 1), state?.Hidden, state?.Cell, reverse: false);
        return new RecurrentState(y.Hidden, kind.HasCell ? y.Cell : null);
    }
}
