namespace Engine.Layers;

/// <summary>How a recurrent layer's first numbers are drawn, where they are not PyTorch's: its default is uniform in ±1/√hiddenSize for all.</summary>
/// <param name="input">Draws each weight_ih.</param>
/// <param name="hidden">Draws each weight_hh.</param>
/// <param name="forgetBias">What an LSTM adds to its forget gate at first, all other biases being 0; others have no such gate.</param>
public sealed class RecurrentInit(Init input, Init hidden, double forgetBias = 0)
{
    /// <summary>Keras' default: Glorot uniform for the inputs, orthogonal for the states, biases 0, and 1 for an LSTM's forget gate.</summary>
    /// <remarks>The forget gate's 1: Jozefowicz, Zaremba and Sutskever 2015, "An empirical exploration of recurrent network architectures".</remarks>
    public static RecurrentInit Keras { get; } = new(Init.XavierUniform(), Init.Orthogonal(), forgetBias: 1);

    internal Init Input { get; } = input;

    internal Init Hidden { get; } = hidden;

    internal double ForgetBias { get; } = forgetBias;
}
