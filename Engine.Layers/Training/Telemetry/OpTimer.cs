using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Times each op of a thread, and tells its own share: without the ops that it applies itself.</summary>
internal sealed class OpTimer(Device device, Action<Op, bool, TimeSpan> tell) : IOpWatcher
{
    private readonly Stack<(Op Op, long Begin, long Inner)> open = new();

    public void Begins(Op op, bool backward) => open.Push((op, Stopwatch.GetTimestamp(), 0));

    public void Ends(Op op, bool backward)
    {
        device.Synchronize();                                       // a GPU has only been told what to do
        while (open.TryPop(out var ended))
        {
            if (!ReferenceEquals(ended.Op, op)) continue;           // one that threw, and whose error somebody caught
            long whole = Stopwatch.GetTimestamp() - ended.Begin;
            if (open.TryPop(out var outer)) open.Push(outer with { Inner = outer.Inner + whole });
            tell(op, backward, Stopwatch.GetElapsedTime(0, whole - ended.Inner));
            return;
        }
    }
}
