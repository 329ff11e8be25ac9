using Engine.Core;

namespace Engine.Layers;

/// <summary>The parameters of one direction of one layer.</summary>
/// <param name="Input">(gates·H, C).</param>
/// <param name="Hidden">(gates·H, H).</param>
/// <param name="BiasInput">(gates·H).</param>
/// <param name="BiasHidden">(gates·H).</param>
internal sealed record RecurrentWeights(Parameter Input, Parameter Hidden, Parameter? BiasInput, Parameter? BiasHidden)
{
    public int InputSize => Input.Shape[1];

    public int HiddenSize => Hidden.Shape[1];

    public static RecurrentWeights New(Recurrence kind, int inputSize, int hiddenSize, Rng rng, bool bias, RecurrentInit? init, Func<string, Tensor, Parameter> add, string suffix)
    {
        ArgumentNullException.ThrowIfNull(rng);
        int rows = kind.Gates * hiddenSize;
        double bound = 1 / Math.Sqrt(hiddenSize);
        var uniform = Init.Uniform(-bound, bound);
        var zeros = init is null ? uniform : Init.Zeros;
        var input = add("weight_ih" + suffix, (init?.Input ?? uniform).Draw([rows, inputSize], rng));
        var hidden = add("weight_hh" + suffix, (init?.Hidden ?? uniform).Draw([rows, hiddenSize], rng));
        if (!bias) return new RecurrentWeights(input, hidden, null, null);
        var biasInput = add("bias_ih" + suffix, zeros.Draw([rows], rng));
        if (init is { ForgetBias: not 0 } && kind.HasCell)
        {
            var numbers = new float[rows];
            numbers.AsSpan(hiddenSize, hiddenSize).Fill((float)init.ForgetBias);
            biasInput.CopyFrom(numbers);
        }
        return new RecurrentWeights(input, hidden, biasInput, add("bias_hh" + suffix, zeros.Draw([rows], rng)));
    }

    /// <summary>Writes Keras' arrays over these, all or none.</summary>
    public void LoadKeras(Recurrence kind, Tensor kernel, Tensor recurrentKernel, Tensor? bias)
    {
        int columns = kind.Gates * HiddenSize;
        Require(kernel, nameof(kernel), InputSize, columns);
        Require(recurrentKernel, nameof(recurrentKernel), HiddenSize, columns);
        if (bias is not null)
        {
            if (BiasInput is null) throw new ShapeException("Keras' bias was given to a layer that was made without. Make it with bias: true.");
            if (kind.KerasHasTwoBiases && bias.Shape == new Shape(columns))
                throw new ShapeException($"Keras' bias is {bias.Shape}, that of a GRU with reset_after=False, whose formula is another one. Only reset_after=True, Keras' default, can be loaded, with a bias (2, {columns}).");
            if (kind.KerasHasTwoBiases) Require(bias, nameof(bias), 2, columns);
            else Require(bias, nameof(bias), columns);
        }
        float[] input = Blocks(kind, kernel.ToArray(), InputSize), hidden = Blocks(kind, recurrentKernel.ToArray(), HiddenSize);
        float[] given = bias?.ToArray() ?? [], biasInput = new float[columns], biasHidden = new float[columns];
        if (bias is not null) Blocks(kind, given[..columns], 1).CopyTo(biasInput, 0);
        if (bias is not null && kind.KerasHasTwoBiases) Blocks(kind, given[columns..], 1).CopyTo(biasHidden, 0);
        Input.CopyFrom(input);
        Hidden.CopyFrom(hidden);
        BiasInput?.CopyFrom(biasInput);
        BiasHidden?.CopyFrom(biasHidden);
    }

    /// <summary>(n, gates·H) with Keras' blocks of columns to (gates·H, n) with PyTorch's blocks of rows.</summary>
    private float[] Blocks(Recurrence kind, float[] from, int n)
    {
        var to = new float[from.Length];
        int columns = kind.Gates * HiddenSize;
        for (int column = 0; column < columns; column++)
        {
            int row = kind.FromKeras(column / HiddenSize) * HiddenSize + column % HiddenSize;
            for (int i = 0; i < n; i++) to[row * n + i] = from[i * columns + column];
        }
        return to;
    }

    private static void Require(Tensor array, string name, params ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(array, name);
        if (array.Shape != new Shape(shape)) throw new ShapeException($"Keras' {name} is {array.Shape} and must be {new Shape(shape)}: one column for each unit of each gate.");
    }
}
