using System.Diagnostics.CodeAnalysis;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A tensor that a layer owns and that changes in place: running statistics, caches, averages. It outlives every scope.</summary>
/// <remarks>It stands for its <see cref="Value"/> wherever a tensor is asked for.</remarks>
public class Buffer
{
    /// <summary>Takes a tensor over; its memory is this buffer's from now on.</summary>
    public Buffer(string name, Tensor value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Value = value.Detach().Outlive();
        Name = name;
    }

    /// <summary>The path from the outermost layer, <c>features.0.weight</c>, once layers have registered it.</summary>
    public string Name
    {
        get;
        internal set
        {
            field = value;
            Value.Name = value;
        }
    }

    /// <summary>The layer that registered it first, after whose path it is named.</summary>
    internal Layer? Owner { get; set; }

    /// <summary>The numbers now.</summary>
    public Tensor Value { get; private protected set; }

    /// <summary>The sizes of the axes; they never change.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Counts the changes in place.</summary>
    public int Version => Value.Storage.Version;

    /// <summary>Writes numbers over these, row-major.</summary>
    /// <exception cref="ShapeException">There are more or fewer of them.</exception>
    public void CopyFrom(ReadOnlySpan<float> values) => Value.Overwrite(values);

    /// <summary>Writes a tensor's numbers, from any device, over these.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public void CopyFrom(Tensor values) => Value.Overwrite(values);

    /// <summary>Copies the numbers out, row-major; waits for the device.</summary>
    /// <exception cref="ShapeException">The span is longer or shorter.</exception>
    public void CopyTo(Span<float> destination) => Value.CopyTo(destination);

    /// <summary>Moves the numbers to a device.</summary>
    public void To(Device device)
    {
        if (device != Value.Device) MoveTo(device);
    }

    /// <summary>Lives on another tensor's memory from now on, of the same shape and type; gives its own back. For a model that nobody else knows yet.</summary>
    internal virtual void TakeOver(Tensor value)
    {
        Value.EndStorage(nameof(TakeOver));
        Value = value.Outlive();
        Value.Name = Name;
    }

    private protected virtual void MoveTo(Device device) => Value = Value.To(device).Outlive();

    /// <summary>The value of a buffer.</summary>
    [return: NotNullIfNotNull(nameof(buffer))]
    public static implicit operator Tensor?(Buffer? buffer) => buffer?.Value;

    /// <summary>"weight (128, 784)".</summary>
    public override string ToString() => $"{Name} {Shape}";
}
