using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>What the steps of a trainer take and give back for any number of examples, told from steps of two and of four: each storage's size is a
/// straight line over the number of examples.</summary>
/// <remarks>What an op takes and gives back itself is its scratch, which may differ between the two in number too.</remarks>
internal sealed class StepMemory
{
    private const int Few = 2, More = 4;

    private readonly Device device;
    private readonly List<Part> parts = [];
    private readonly Dictionary<int, Line> scratch = [];

    /// <summary>Bytes as a line over the number of examples.</summary>
    private readonly record struct Line(long AtFew, long AtMore)
    {
        public long At(int n) => Math.Max(0, AtFew + (long)Math.Ceiling((AtMore - AtFew) / (double)(More - Few) * (n - Few)));
    }

    private sealed record Part(MemoryTrace.Event Event, Line Size, bool IsGradient);

    /// <summary>What is in use at the fullest moment, and what each place has.</summary>
    public sealed record Result(long Peak, object? PeakAt, Dictionary<object, (long Activations, long Gradients, long Workspace)> Places);

    /// <summary>For the batch, which is of no op.</summary>
    public static readonly object Input = new();

    /// <summary>For ops outside the model.</summary>
    public static readonly object Outside = new();

    public StepMemory(Device device, Func<int, (MemoryTrace Trace, HashSet<int> Gradients)> step)
    {
        this.device = device;
        var (few, ofFew) = step(Few);
        var (more, ofMore) = step(More);
        var (a, scratchA) = Separate(few);
        var (b, scratchB) = Separate(more);
        if (a.Count != b.Count || !a.Zip(b).All(p => (p.First.IsEnd, p.First.Op, p.First.Backward, p.First.Call) == (p.Second.IsEnd, p.Second.Op, p.Second.Backward, p.Second.Call)))
            throw new ForecastException($"The model does not take the same steps for {Few} examples and for {More}, so its memory for more cannot be told. Try it with a small batch and look at Device.BytesInUse.");
        var sizes = new Dictionary<int, Line>();
        foreach (var (x, y) in a.Zip(b))
        {
            if (!x.IsEnd) sizes[x.Number] = new Line(x.Bytes, y.Bytes);
            parts.Add(new Part(x, sizes[x.Number], ofFew.Contains(x.Number) && ofMore.Contains(y.Number)));
        }
        foreach (int call in scratchA.Keys.Union(scratchB.Keys)) scratch[call] = new Line(scratchA.GetValueOrDefault(call), scratchB.GetValueOrDefault(call));
    }

    /// <summary>Goes through a step of that many examples.</summary>
    public Result For(int examples)
    {
        long live = 0, peak = 0;
        object? peakAt = null;
        var places = new Dictionary<object, (long Activations, long Gradients, long Workspace)>(ReferenceEqualityComparer.Instance);
        var workspace = new Dictionary<object, long>(ReferenceEqualityComparer.Instance);      // now, by place
        var owners = new Dictionary<int, object>();
        var onTheWay = new HashSet<int>();
        foreach (var (e, size, isGradient) in parts)
        {
            long bytes = MemoryTrace.Rounded(device, size.At(examples)) * (e.IsEnd ? -1 : 1);
            live += bytes;
            if (!e.IsEnd) owners[e.Number] = e.Op is null ? Input : e.Place ?? Outside;
            object place = owners[e.Number];
            var sums = places.GetValueOrDefault(place);
            long extra = e.Call > 0 && scratch.TryGetValue(e.Call, out var line) ? line.At(examples) : 0;
            if (!e.IsEnd && !isGradient && e.Backward) onTheWay.Add(e.Number);
            if (onTheWay.Contains(e.Number)) workspace[place] = workspace.GetValueOrDefault(place) + bytes;
            else if (!e.IsEnd && isGradient) sums.Gradients += bytes;
            else if (!e.IsEnd) sums.Activations += bytes;
            sums.Workspace = Math.Max(sums.Workspace, workspace.GetValueOrDefault(place) + extra);
            places[place] = sums;
            if (live + extra <= peak) continue;
            (peak, peakAt) = (live + extra, e.Op is null ? peakAt ?? Input : e.Place ?? Outside);
        }
        return new Result(peak, peakAt, places);
    }

    /// <summary>What outlives the op that took it, and the sum of what does not by the op's call.</summary>
    private (List<MemoryTrace.Event> Kept, Dictionary<int, long> Scratch) Separate(MemoryTrace trace)
    {
        var began = new Dictionary<int, MemoryTrace.Event>();
        var own = new HashSet<int>();
        foreach (var e in trace.Events)
            if (!e.IsEnd) began[e.Number] = e;
            else if (e.Call > 0 && began[e.Number].Call == e.Call) own.Add(e.Number);
        var scratch = new Dictionary<int, long>();
        foreach (int number in own) scratch[began[number].Call] = scratch.GetValueOrDefault(began[number].Call) + MemoryTrace.Rounded(device, began[number].Bytes);
        return ([.. trace.Events.Where(e => !own.Contains(e.Number))], scratch);
    }
}
