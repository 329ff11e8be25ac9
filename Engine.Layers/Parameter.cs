using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A tensor that training changes: a backward pass gathers its gradient, and an optimizer takes the step.</summary>
public sealed class Parameter : Buffer
{
    /// <summary>Takes a tensor over; trainable at first.</summary>
    /// <exception cref="DTypeException">Its numbers are not Float32.</exception>
    public Parameter(string name, Tensor value) : base(name, value) => Trainable = true;

    /// <summary>The gradient gathered since <see cref="ZeroGrad"/>; null where no backward pass has reached this parameter.</summary>
    public Tensor? Grad => Value.Grad;

    /// <summary>False for a frozen parameter: no gradient is computed for it, and optimizers pass it by.</summary>
    public bool Trainable
    {
        get => Value.RequiresGrad;
        set
        {
            if (value == Value.RequiresGrad) return;
            Value = Value.Detach();
            if (value) Value.WithGrad();
        }
    }

    /// <summary>Forgets the gradient.</summary>
    public void ZeroGrad() => Value.ForgetGrad();

    internal override void TakeOver(Tensor value)
    {
        bool trainable = Trainable;
        base.TakeOver(value);
        if (trainable) Value.WithGrad();
    }

    private protected override void MoveTo(Device device)
    {
        var (grad, trainable) = (Grad, Trainable);
        base.MoveTo(device);
        if (!trainable) return;
        Value.WithGrad().Grad = grad?.To(device).Outlive();
    }
}
