using System.Runtime.InteropServices;
using Engine.Kernels;

namespace Engine.Core;

/// <summary>What parameters and buffers need, which outlive scopes and change in place.</summary>
public sealed partial class Tensor
{
    /// <summary>Takes the tensor out of every scope of this thread: it lives as long as somebody holds it.</summary>
    /// <returns>This tensor.</returns>
    internal Tensor Outlive()
    {
        ScopeFrame.Untrack(storage);
        return this;
    }

    /// <summary>Writes other numbers over this tensor's. A backward pass that saved the old ones says so.</summary>
    internal void Overwrite<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        RequireCount(values.Length, Shape);
        RequireWritable();
        if (typeof(T) == typeof(double))
        {
            Device.Upload(MemoryMarshal.Cast<T, double>(values), View);
        }
        else
        {
            RequireType<T>();
            Device.Upload(MemoryMarshal.AsBytes(values), View);
        }
        storage.Version++;
    }

    /// <summary>Writes another tensor's numbers, from any device, over this one's.</summary>
    internal void Overwrite(Tensor source)
    {
        if (source.Shape != Shape) throw new ShapeException($"{source.Describe()} does not fit {Describe()}: the shapes must be equal.");
        if (source.DType != DType) throw new DTypeException($"{source.Describe()} holds {source.DType}, and {Describe()} {DType}. Cast it first.");
        RequireWritable();
        if (source.Device == Device && source.storage != storage)
        {
            using var whole = Cancellation.Suspend();
            var along = CopySizes.Merge([Count], [1], [1]);
            Device.StridedCopy(source.View, View, along);
            storage.Version++;
            return;
        }
        if (DType == DType.Float32 && (Device is ReferenceDevice || source.Device is ReferenceDevice))
        {
            Overwrite<double>(source.ToArray<double>());
            return;
        }
        var bytes = new byte[checked(Count * DType.Size())];
        source.Device.Download(source.View, bytes);
        Device.Upload(bytes, View);
        storage.Version++;
    }

    internal void RequireWritable()
    {
        if (storage.IsReadOnly)
            throw new InvalidOperationException($"{Describe()} lies in memory that is only read, a mapped file say. Copy it into a tensor of its own first.");
    }
}

/// <summary>Keeping tensors when a <see cref="Scope"/> ends.</summary>
public static class ScopeTensors
{
    /// <summary>Lets a tensor out of a scope: it belongs to the scope around it, or to nobody.</summary>
    /// <returns>The tensor.</returns>
    public static Tensor Keep(this Scope scope, Tensor tensor)
    {
        scope.Keep(tensor.Storage);
        return tensor;
    }

    /// <summary>Gives a tensor back before the scope's end, where the scope owns it, with all that are made of the same memory.</summary>
    internal static void End(this Scope scope, Tensor tensor) => scope.End(tensor.Storage);
}
