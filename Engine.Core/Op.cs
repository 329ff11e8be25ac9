using Engine.Kernels;

namespace Engine.Core;

/// <summary>One use of an operation: a node of the graph. Forward computes the value and saves what backward will read; backward turns the
/// gradient of the result into the gradients of the inputs.</summary>
/// <remarks>Write one as a sealed class and call it with <see cref="Apply"/>. Gradients are summed by autograd, never here.</remarks>
public abstract partial class Op
{
    private OpInput[] edges = [];
    private SavedTensor[] saved = [];
    private int savedCount;
    private bool applied;
    private bool used, last;

    private readonly record struct SavedTensor(Tensor Value, int Version);

    /// <summary>The op's name, as errors and printed graphs show it.</summary>
    public abstract string Name { get; }

    /// <summary>What it was applied to: shapes, and where each came from. The numbers themselves are not kept.</summary>
    public IReadOnlyList<OpInput> Inputs => edges;

    /// <summary>The same, for loops that leave nothing to the garbage collector.</summary>
    internal ReadOnlySpan<OpInput> Arrows => edges;

    /// <summary>The shape of what it made.</summary>
    public Shape OutputShape { get; private set; }

    /// <summary>Its settings in words, "stride=2, padding=1"; empty if it has none.</summary>
    public virtual string Attributes => "";

    /// <summary>Floating-point operations of the forward pass; 0 where memory traffic is all there is.</summary>
    public virtual long Flops => 0;

    /// <summary>Bytes that the forward pass must at least read and write.</summary>
    public virtual long Bytes => 4L * (OutputShape.Count + edges.Sum(e => (long)(e.IsGiven ? e.Shape.Count : 0)));

    /// <summary>Computes the result from <see cref="Input"/>.</summary>
    public abstract Tensor Forward();

    /// <summary>The gradient of each input from the gradient of the result, in the inputs' order; null for one that needs none.</summary>
    /// <param name="dy">The gradient of the result, of its shape.</param>
    public abstract Tensor?[] Backward(Tensor dy);

    /// <summary>Runs an op, and records it where an input needs a gradient and this thread records.</summary>
    /// <param name="op">A new instance, used once.</param>
    /// <param name="inputs">What it is applied to; null for an optional one left out.</param>
    /// <exception cref="DeviceException">The inputs are on different devices.</exception>
    /// <exception cref="OperationCanceledException">This thread's <see cref="Cancellation"/> came first.</exception>
    public static Tensor Apply(Op op, params ReadOnlySpan<Tensor?> inputs)
    {
        if (op.applied) throw new InvalidOperationException($"{op.Name} was applied before. Make a new instance for each use: it is the node of the graph.");
        op.applied = true;
        Cancellation.ThrowIfRequested();
        Device? device = null;
        bool record = false;
        var edges = new OpInput[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } x) continue;
            device ??= x.Device;
            if (x.Device != device)
                throw new DeviceException($"{op.Name}: input 0 is on {device.Name} and input {i}, {x.Describe()}, on {x.Device.Name}. Move it with To(device).");
            edges[i] = new OpInput(x);
            record |= x.RequiresGrad;
        }
        record &= NoGrad.Recording;
        op.edges = edges;
        op.recording = record;
        var watcher = OpWatch.Told;
        watcher?.Begins(op, backward: false);
        Tensor y;
        try
        {
            y = op.Forward();
        }
        finally
        {
            foreach (ref var edge in edges.AsSpan()) edge.Tensor = null;
        }
        op.EndSpans();
        if (AnomalyMode.IsOn) op.Looked = AnomalyCheck.Look(op, inputs, y);
        op.OutputShape = y.Shape;
        if (record && y.DType.IsFloat())                            // integers have no gradient
        {
            // A result that is an input itself is given a face of its own: the graph hangs on the tensor object.
            if (y.Creator is not null || y.RequiresGrad) y = y.Share(0, y.Shape);
            y.Record(op);
        }
        else
        {
            op.Forget("no graph was recorded");
        }
        device?.Applied?.Invoke(op);
        watcher?.Ends(op, backward: false);
        return y;
    }

    private bool recording;

    /// <summary>Whether backward may be called: where it is not, forward need not keep anything.</summary>
    protected bool Recording => recording;

    /// <summary>An input, during forward.</summary>
    protected Tensor Input(int i) => edges[i].Tensor ?? throw new ArgumentNullException($"{Name}: input {i} is missing.");

    /// <summary>An input that may be left out, during forward.</summary>
    protected Tensor? OptionalInput(int i) => i < edges.Length ? edges[i].Tensor : null;

    /// <summary>The shape of an input, at any time.</summary>
    protected Shape InputShape(int i) => edges[i].Shape;

    /// <summary>Whether the gradient of input <paramref name="i"/> is wanted.</summary>
    protected bool Needs(int i) => edges[i].RequiresGrad;

    /// <summary>A tensor for the result on the inputs' device, its numbers unset.</summary>
    protected Tensor NewTensor(Shape shape, DType dtype = DType.Float32)
    {
        foreach (ref readonly var edge in Arrows)
            if (edge.Tensor is { } x) return Tensor.Empty(shape, x.Device, dtype, Name);
        throw new InvalidOperationException($"{Name} has no inputs to take a device from.");
    }

    /// <summary>Keeps a tensor that backward reads, to be had back by <see cref="Saved"/> in the order of the calls. Nothing is kept where
    /// no graph is recorded.</summary>
    /// <param name="tensor">An input, the result, or a tensor of the op's own.</param>
    /// <param name="owned">The op made it and nobody else sees it: its memory goes back as soon as backward has passed, so backward does not
    /// return it.</param>
    protected internal void Save(Tensor tensor, bool owned = false)
    {
        if (!recording)
        {
            if (owned) tensor.Release(Name);
            return;
        }
        if (owned) tensor.Storage.PassOn();
        else tensor.Retain();
        if (savedCount == saved.Length) Array.Resize(ref saved, savedCount + 2);
        saved[savedCount++] = new SavedTensor(tensor, tensor.Storage.Version);
    }

    /// <summary>What the <paramref name="i"/>-th call of <see cref="Save"/> kept.</summary>
    /// <exception cref="GraphException">It was changed in place since.</exception>
    protected Tensor Saved(int i)
    {
        var (value, version) = saved[i];
        if (value.Storage.Version != version)
            throw new GraphException($"{Name} saved {value.Describe()} for its backward pass, and it was changed in place since. Call Backward before the optimizer's step or the load that changed it.");
        return value;
    }

    /// <summary>Runs backward once, then lets go of what was saved.</summary>
    internal Tensor?[] RunBackward(Tensor dy, bool retain)
    {
        if (used)
            throw new GraphException($"The graph at {Name} {OutputShape} was used up by an earlier backward pass. Run forward again, or pass retainGraph: true to the first.");
        last = !retain;
        var watcher = OpWatch.Told;
        watcher?.Begins(this, backward: true);
        var gradients = Backward(dy);
        EndSpans();
        watcher?.Ends(this, backward: true);
        if (gradients.Length != edges.Length)
            throw new GraphException($"{Name}.Backward gave {gradients.Length} gradients for {edges.Length} inputs.");
        for (int i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is { } g && g.Shape != edges[i].Shape)
                throw new GraphException($"{Name}.Backward gave a gradient {g.Shape} for input {i}, which is {edges[i].Shape}.");
        }
        if (!retain)
        {
            used = true;
            for (int i = 0; i < gradients.Length; i++)
                if (gradients[i] is { } g && IsSaved(g.Storage)) gradients[i] = g.Share(0, g.Shape);
            Forget("the backward pass");
        }
        return gradients;
    }

    /// <summary>Whether backward may write over what the op owns: in its last pass, which cannot be begun again from here on, even where it fails.</summary>
    private protected bool UseUp() => used |= last;

    /// <summary>What backward made of input 0's gradient in place of a tensor; autograd takes it.</summary>
    internal RowGradient? GradientRows { get; set; }

    /// <summary>Lets go of what was saved where no gradient arrived.</summary>
    internal void Abandon()
    {
        used = true;
        Forget("the backward pass");
    }

    private bool IsSaved(Storage storage)
    {
        foreach (var (value, _) in saved.AsSpan(0, savedCount))
            if (value.Storage == storage) return true;
        return false;
    }

    private void Forget(string by)
    {
        foreach (var (value, _) in saved.AsSpan(0, savedCount)) value.Storage.Release(by);
        (saved, savedCount) = ([], 0);
    }

    /// <summary>What the anomaly mode found when this was applied; null where it was off.</summary>
    internal AnomalyCheck.Forward? Looked { get; private set; }

    /// <summary>Hooks called with the gradient of the result.</summary>
    internal List<Func<Tensor, Tensor?>>? Hooks { get; set; }
}

/// <summary>An op whose gradient of input 0 is 0 almost everywhere: it may give <see cref="Op.GradientRows"/> where they are added to what has arrived there already.</summary>
internal interface IAddsGradient
{
    /// <summary>Set before backward: whether there is a sum that may grow.</summary>
    bool MayAdd { set; }
}

/// <summary>Where an input of an op came from.</summary>
public struct OpInput
{
    internal OpInput(Tensor x)
    {
        Tensor = x;
        (Shape, Name, RequiresGrad, IsGiven) = (x.Shape, x.Name, x.RequiresGrad, true);
        Node = x.Creator is { } creator ? creator : x.RequiresGrad ? x : null;
    }

    /// <summary>False for an optional input left out.</summary>
    public bool IsGiven { get; }

    /// <summary>Its shape.</summary>
    public Shape Shape { get; }

    /// <summary>Its name, if it has one.</summary>
    public string? Name { get; }

    /// <summary>Whether its gradient is wanted.</summary>
    public bool RequiresGrad { get; }

    /// <summary>The recorded op that made it.</summary>
    public readonly Op? Producer => Node as Op;

    /// <summary>The tensor itself, during forward.</summary>
    internal Tensor? Tensor { get; set; }

    /// <summary>The tensor itself, where it is a leaf that gathers a gradient.</summary>
    internal readonly Tensor? Leaf => Node as Tensor;

    /// <summary>Either of them: where the gradient of this input goes.</summary>
    internal object? Node { get; }
}
