using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Kernels;

namespace Engine.Core;

/// <summary>Reverse-mode differentiation: walks the graph from a result to its leaves, each op after all that used its result, and sums what
/// arrives. A loop, not a recursion: depth costs nothing.</summary>
/// <remarks>Source: Griewank and Walther 2008, "Evaluating Derivatives", chapter 3. The order is Kahn's topological sort.</remarks>
public static class Autograd
{
    /// <summary>The gradients of a loss with respect to tensors, without touching any <see cref="Tensor.Grad"/>.</summary>
    /// <param name="loss">One number.</param>
    /// <param name="inputs">Tensors that the loss was computed from.</param>
    /// <param name="retainGraph">Keep the graph for another pass.</param>
    /// <returns>One gradient an input, of its shape; zeros where the loss does not depend on it.</returns>
    /// <exception cref="GraphException">The loss has no graph, or it was used up.</exception>
    /// <exception cref="ShapeException">The loss is not one number.</exception>
    public static Tensor[] Gradients(Tensor loss, IReadOnlyList<Tensor> inputs, bool retainGraph = false)
    {
        var wanted = new Dictionary<object, Tensor?>(ReferenceEqualityComparer.Instance);
        foreach (var x in inputs)
        {
            if (!x.RequiresGrad) throw new GraphException($"{x.Describe()} does not require a gradient. Mark it with WithGrad() before it is used.");
            wanted[(object?)x.Creator ?? x] = null;
        }
        RequireOneNumber(loss);
        Walk(loss, null, retainGraph, wanted, accumulate: false);
        var gradients = new Tensor[inputs.Count];
        for (int i = 0; i < gradients.Length; i++)
        {
            var x = inputs[i];
            gradients[i] = wanted[(object?)x.Creator ?? x] ?? Tensor.Zeros(x.Shape, x.Device);
        }
        return gradients;
    }

    internal static void Backward(Tensor y, Tensor? seed, bool retainGraph)
    {
        if (seed is null) RequireOneNumber(y);
        else if (seed.Shape != y.Shape) throw new ShapeException($"Backward: the gradient given is {seed.Shape} and the tensor {y.Shape}.");
        else if (seed.Device != y.Device) throw new DeviceException($"Backward: the gradient given is on {seed.Device.Name} and the tensor on {y.Device.Name}. Move it with To(device).");
        Walk(y, seed, retainGraph, null, accumulate: true);
    }

    private static void RequireOneNumber(Tensor loss)
    {
        if (loss.Count != 1) throw new ShapeException($"Backward starts from one number, and {loss.Describe()} has {loss.Count}. Sum() or Mean() it, or give its gradient.");
    }

    private static void Walk(Tensor root, Tensor? given, bool retain, Dictionary<object, Tensor?>? wanted, bool accumulate)
    {
        if (!NoGrad.Recording)
            throw new GraphException("Backward was called where no graph is recorded: inside NoGrad, or inside another backward pass. Gradients of gradients are not offered.");
        if (!root.RequiresGrad)
            throw new GraphException($"{root.Describe()} has no graph: nothing it was computed from requires a gradient, or it was computed inside NoGrad or by a backward pass. Mark inputs with WithGrad(). Gradients of gradients are not offered.");
        using var noGrad = NoGrad.Begin();
        using var scope = root.Device.Scope("the backward pass");

        var walk = Tables.Take();
        var (pending, inFlight, ready) = (walk.Pending, walk.InFlight, walk.Open);
        CountUses(root, pending, ready);
        object start = (object?)root.Creator ?? root;
        Of(pending, start).Sum = inFlight.Hold(given ?? Tensor.Ones(root.Shape, root.Device));
        ready.Push(start);
        while (ready.TryPop(out object? node))
        {
            pending.Remove(node, out var arrived);
            if (arrived.Rows is { } rows)
            {
                var table = (Tensor)node;
                if (accumulate && table.Hooks is null && !AnomalyMode.IsOn)
                {
                    Accumulate(table, rows);
                    continue;
                }
                if (table.Hooks is null && !AnomalyMode.IsOn && wanted?.ContainsKey(table) != true)
                {
                    rows.End(nameof(Gradients));
                    continue;
                }
                inFlight.Fill(ref arrived);
            }
            if (arrived.Sum is { } gradient)
            {
                gradient = CallHooks(node, gradient, inFlight, scope);
                if (wanted is not null && wanted.ContainsKey(node))
                {
                    scope.Keep(gradient.Storage);
                    wanted[node] = gradient.Share(0, gradient.Shape);
                }
                if (AnomalyMode.IsOn && node is Tensor leaf) AnomalyCheck.Look(leaf, gradient);
                if (node is IAddsGradient adds) adds.MayAdd = ((Op)node).Arrows[0].Node is { } target && inFlight.MayGrow(Of(pending, target).Sum, scope);
                if (node is Op op) Distribute(op, AnomalyMode.IsOn ? AnomalyCheck.Backward(op, gradient, retain) : op.RunBackward(gradient, retain), pending, ready, inFlight, scope);
                else if (accumulate) Accumulate((Tensor)node, gradient, mayTake: inFlight.HeldOnce(gradient) && scope.Owns(gradient.Storage));
                inFlight.Drop(gradient, scope);
            }
            else if (node is Op unreached)
            {
                if (!retain) unreached.Abandon();
                Distribute(unreached, new Tensor?[unreached.Arrows.Length], pending, ready, inFlight, scope);
            }
        }
        walk.GiveBack();
    }

    /// <summary>What a walk looks up. A thread keeps the last walk's, empty, for its next one: tables that have grown need not grow again at each step.</summary>
    private sealed class Tables
    {
        [ThreadStatic] private static Tables? spare;

        public readonly Dictionary<object, Pending> Pending = new(ReferenceEqualityComparer.Instance);
        public readonly InFlight InFlight = new();
        public readonly Stack<object> Open = new();

        public static Tables Take()
        {
            var taken = spare ?? new();
            spare = null;
            return taken;
        }

        /// <summary>Once the walk has come to its end, which empties the stack; tables of a walk that an error ended are left to the collector.</summary>
        public void GiveBack()
        {
            Pending.Clear();
            InFlight.Clear();
            spare = this;
        }
    }

    private static void Distribute(Op op, Tensor?[] gradients, Dictionary<object, Pending> pending, Stack<object> ready, InFlight inFlight, Scope scope)
    {
        // All are held before any is summed: they may share memory, as the slices do that a Concat hands back.
        foreach (var part in gradients)
            if (part is not null) inFlight.Hold(part);
        if (op.GradientRows is { } rows)
        {
            op.GradientRows = null;
            inFlight.Arrive(ref Of(pending, op.Arrows[0].Node!), rows, scope);
        }
        for (int i = 0; i < gradients.Length; i++)
        {
            var part = gradients[i];
            if (op.Arrows[i].Node is not { } target)
            {
                if (part is not null) inFlight.Drop(part, scope);
                continue;
            }
            ref var entry = ref Of(pending, target);
            if (part is not null) inFlight.Arrive(ref entry, part, scope);
            if (--entry.Expected == 0) ready.Push(target);
        }
    }

    /// <summary>A gradient on its way: the sum so far, and how many contributions are still to come.</summary>
    private struct Pending
    {
        public int Expected;
        public Tensor? Sum;
        public RowGradient? Rows;                                   // the sum as rows, as long as nothing else has arrived
    }

    /// <summary>Where a node's gradient gathers, in the table itself: nothing is added to that while the walk goes on.</summary>
    private static ref Pending Of(Dictionary<object, Pending> pending, object node)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(pending, node);
        if (Unsafe.IsNullRef(ref entry)) throw new GraphException("The graph changed while it was walked backward. Let no hook and no other thread add to it meanwhile.");
        return ref entry;
    }

    /// <summary>How many gradients on their way share each storage: the last one gives it back, unless somebody keeps it.</summary>
    private sealed class InFlight
    {
        private readonly Dictionary<Storage, int> holds = new(ReferenceEqualityComparer.Instance);

        public void Clear() => holds.Clear();

        public Tensor Hold(Tensor gradient)
        {
            holds[gradient.Storage] = holds.GetValueOrDefault(gradient.Storage) + 1;
            return gradient;
        }

        public bool HeldOnce(Tensor gradient) => holds[gradient.Storage] == 1;

        public void Drop(Tensor gradient, Scope scope)
        {
            if (--holds[gradient.Storage] > 0) return;
            holds.Remove(gradient.Storage);
            scope.End(gradient.Storage);
        }

        // Nobody else reads this sum: it may grow where it lies.
        public bool MayGrow(Tensor? sum, Scope scope) => sum is not null && HeldOnce(sum) && scope.Owns(sum.Storage);

        public void Arrive(ref Pending entry, RowGradient rows, Scope scope)
        {
            if (entry.Sum is not { } sum)
            {
                entry.Rows = entry.Rows?.Plus(rows) ?? rows;
                return;
            }
            try
            {
                if (MayGrow(sum, scope)) rows.AddTo(sum);
                else Arrive(ref entry, Hold(rows.Dense()), scope);
            }
            finally
            {
                rows.End("the backward pass");
            }
        }

        /// <summary>Makes a tensor of a sum of rows.</summary>
        public void Fill(ref Pending entry)
        {
            if (entry.Rows is not { } rows) return;
            (entry.Sum, entry.Rows) = (Hold(rows.Dense()), null);
            rows.End("the backward pass");
        }

        public void Arrive(ref Pending entry, Tensor part, Scope scope)
        {
            Fill(ref entry);
            if (entry.Sum is not { } before)
            {
                entry.Sum = part;
                return;
            }
            if (MayGrow(before, scope))
            {
                before.Device.Binary<Add>(before.View, part.View, before.View, Broadcasting.Sizes(before.Shape, before.Shape, before.Shape));
            }
            else
            {
                entry.Sum = Hold(before + part);
                Drop(before, scope);
            }
            Drop(part, scope);
        }
    }

    private static void CountUses(Tensor root, Dictionary<object, Pending> pending, Stack<object> open)
    {
        object start = (object?)root.Creator ?? root;
        pending[start] = new Pending();
        open.Push(start);
        while (open.TryPop(out object? node))
        {
            if (node is not Op op) continue;
            foreach (var edge in op.Arrows)
            {
                if (edge.Node is not { } target) continue;
                ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(pending, target, out bool known);
                if (!known) open.Push(target);
                entry.Expected++;
            }
        }
    }

    private static Tensor CallHooks(object node, Tensor gradient, InFlight inFlight, Scope scope)
    {
        var hooks = node is Op op ? op.Hooks : ((Tensor)node).Hooks;
        if (hooks is null) return gradient;
        scope.Keep(gradient.Storage);                               // the hook may hold on to it
        foreach (var hook in hooks)
        {
            var replaced = hook(gradient);
            if (replaced is null || replaced == gradient) continue;
            if (replaced.Shape != gradient.Shape || replaced.Device != gradient.Device)
                throw new ShapeException($"A hook returned a gradient {replaced.Shape} on {replaced.Device.Name} in place of {gradient.Shape} on {gradient.Device.Name}.");
            scope.Keep(replaced.Storage);
            inFlight.Hold(replaced);
            inFlight.Drop(gradient, scope);
            gradient = replaced;
        }
        return gradient;
    }

    /// <summary>Adds to a leaf's gradient. Two threads may walk graphs of their own that share it.</summary>
    private static void Accumulate(Tensor leaf, Tensor gradient, bool mayTake)
    {
        lock (leaf) leaf.Gather(gradient, mayTake);
        leaf.GradientReady?.Invoke(leaf);
    }

    private static void Accumulate(Tensor leaf, RowGradient rows)
    {
        lock (leaf) leaf.Gather(rows);
        leaf.GradientReady?.Invoke(leaf);
    }
}

public sealed partial class Tensor
{
    internal List<Func<Tensor, Tensor?>>? Hooks => leaf?.Hooks;

    /// <summary>Called during a backward pass as soon as this leaf's <see cref="Grad"/> is complete.</summary>
    public Action<Tensor>? GradientReady
    {
        get => leaf?.Ready;
        set => Leaf.Ready = value;
    }

    /// <summary>Computes the gradient of this number with respect to every leaf that requires one, and adds it to their <see cref="Grad"/>.</summary>
    /// <param name="gradient">The gradient of this tensor, where it is not one number.</param>
    /// <param name="retainGraph">Keep the graph for another pass.</param>
    /// <exception cref="GraphException">There is no graph, it was used up, or a saved value was changed in place.</exception>
    /// <exception cref="ShapeException">This is not one number, and no gradient was given.</exception>
    public void Backward(Tensor? gradient = null, bool retainGraph = false) => Autograd.Backward(this, gradient, retainGraph);

    /// <summary>Calls a function with this tensor's gradient during each backward pass; what it returns replaces the gradient, null leaves it.</summary>
    /// <exception cref="GraphException">This tensor requires no gradient.</exception>
    public void RegisterHook(Func<Tensor, Tensor?> hook)
    {
        if (!RequiresGrad) throw new GraphException($"{Describe()} requires no gradient, so its hook would never be called. Mark it with WithGrad().");
        if (Creator is not null) (Creator.Hooks ??= []).Add(hook);
        else (Leaf.Hooks ??= []).Add(hook);
    }
}
