using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>What the kinds of recurrent layer differ in: how many gates, which op, and in which order Keras stores the gates.</summary>
internal abstract class Recurrence
{
    public static readonly Recurrence Lstm = new LstmRecurrence(), Gru = new GruRecurrence();

    public static Recurrence Rnn(Activation activation)
    {
        if (activation is not (Activation.Tanh or Activation.Relu))
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "A recurrent layer ends with Tanh or Relu.");
        return new RnnRecurrence(activation);
    }

    /// <summary>How many blocks of H rows the weights have.</summary>
    public abstract int Gates { get; }

    public virtual bool HasCell => false;

    /// <summary>The block to which Keras' block k goes.</summary>
    public virtual int FromKeras(int block) => block;

    /// <summary>Whether Keras stores two biases, as (2, gates·H).</summary>
    public virtual bool KerasHasTwoBiases => false;

    /// <summary>In words, for a layer's settings.</summary>
    public virtual string Words => "";

    public abstract RecurrentResult Run(Tensor rows, RecurrentWeights w, SequenceLayout layout, Tensor? h0, Tensor? c0, bool reverse);

    private sealed class LstmRecurrence : Recurrence
    {
        public override int Gates => 4;

        public override bool HasCell => true;

        public override RecurrentResult Run(Tensor rows, RecurrentWeights w, SequenceLayout layout, Tensor? h0, Tensor? c0, bool reverse)
            => rows.Lstm(w.Input, w.Hidden, w.BiasInput, w.BiasHidden, layout, h0, c0, reverse);
    }

    private sealed class GruRecurrence : Recurrence
    {
        public override int Gates => 3;

        public override int FromKeras(int block) => block == 2 ? 2 : 1 - block;      // z, r, h -> r, z, n

        public override bool KerasHasTwoBiases => true;

        public override RecurrentResult Run(Tensor rows, RecurrentWeights w, SequenceLayout layout, Tensor? h0, Tensor? c0, bool reverse)
            => rows.Gru(w.Input, w.Hidden, w.BiasInput, w.BiasHidden, layout, h0, reverse);
    }

    private sealed class RnnRecurrence(Activation activation) : Recurrence
    {
        public override int Gates => 1;

        public override string Words => activation == Activation.Tanh ? "" : $", {activation}";

        public override RecurrentResult Run(Tensor rows, RecurrentWeights w, SequenceLayout layout, Tensor? h0, Tensor? c0, bool reverse)
            => rows.Rnn(w.Input, w.Hidden, w.BiasInput, w.BiasHidden, layout, activation, h0, reverse);
    }
}
