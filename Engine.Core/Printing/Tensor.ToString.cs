using System.Diagnostics;

namespace Engine.Core;

[DebuggerDisplay("{Describe(),nq}")]                                // a debugger must not wait for a GPU
public sealed partial class Tensor
{
    /// <summary>The shape, type and device, then the numbers in columns; the first and last three of an axis where there are over a thousand.
    /// Waits for the device.</summary>
    public override string ToString() => TensorPrinter.Print(this);

    /// <summary>The graph behind this tensor, leaves first and one line an op: its shape, name, settings and what it was applied to.</summary>
    public string GraphToString() => GraphPrinter.Print(this);
}
