using ILGPU;
using ILGPU.Runtime;

namespace Engine.Kernels;

/// <summary>Where a kernel says that it met a bad index: words [which kernel, the index, the bound, 1 + the index's
/// position if known]. Read back when the host next waits.</summary>
internal sealed class ErrorWord(Accelerator accelerator)
{
    private readonly List<string> kernels = [];
    private MemoryBuffer1D<int, Stride1D.Dense>? words;
    private bool pending;

    /// <summary>The word for a launch of this kernel, and the code that it writes there.</summary>
    public (ArrayView<int> Words, int Code) For(string kernel)
    {
        accelerator.Bind();
        if (words is null)
        {
            words = accelerator.Allocate1D<int>(4);
            words.View.BaseView.MemSetToZero(accelerator.DefaultStream);
        }
        pending = true;
        int code = kernels.IndexOf(kernel) + 1;
        if (code == 0)
        {
            kernels.Add(kernel);
            code = kernels.Count;
        }
        return (words.View.BaseView, code);
    }

    /// <summary>In a kernel: notes a bad index.</summary>
    public static void Set(ArrayView<int> words, int code, int index, int bound) => Set(words, code, index, bound, -1);

    /// <summary>In a kernel: notes a bad index and where it stood.</summary>
    public static void Set(ArrayView<int> words, int code, int index, int bound, int position)
    {
        words[1] = index;
        words[2] = bound;
        words[3] = position + 1;
        words[0] = code;
    }

    /// <summary>Throws what the kernels noted since the last time.</summary>
    public void Raise()
    {
        if (!pending) return;
        pending = false;
        var found = words!.GetAsArray1D();
        if (found[0] == 0) return;
        words!.View.BaseView.MemSetToZero(accelerator.DefaultStream);
        throw new IndexException($"{kernels[found[0] - 1]}: the index {found[1]}{(found[3] > 0 ? $" at position {found[3] - 1}" : "")} is not in 0..{found[2] - 1}.");
    }
}

public sealed partial class GpuDevice
{
    private readonly ErrorWord errors;

    private (ArrayView<int> Words, int Code) ErrorFor(string kernel)
    {
        lock (gate) return errors.For(kernel);
    }
}
