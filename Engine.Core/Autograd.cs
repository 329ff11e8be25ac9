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
        Walk(loss, Seed(loss), retainGraph, wanted, accumulate: false);
        var gradients = new Tensor[inputs.Count];
        for (int i = 0; i < gradients.Length; i++)
        {
            var x = inputs[i];
            gradients[i] = wanted[(object?)x.Creator ?? x] ?? Tensor.From(new double[x.Count], x.Shape, x.Device);
        }
        return gradients;
    }

    internal static void Backward(Tensor y, Tensor? seed, bool retainGraph)
    {
        if (seed is not null && seed.Shape != y.Shape)
            throw new ShapeException($"Backward: the gradient given is {seed.Shape} and the tensor {y.Shape}.");
        Walk(y, seed ?? Seed(y), retainGraph, null, accumulate: true);
    }

    private static Tensor Seed(Tensor loss)
    {
        if (loss.Count != 1 || loss.DType != DType.Float32)
            throw new ShapeException($"Backward starts from one number, and {loss.Describe()} has {loss.Count}. Sum() or Mean() it, or give its gradient.");
        return Tensor.From([1.0], loss.Shape, loss.Device);
    }

    /// <summary>A gradient on its way: the sum so far, and how many contributions are still to come.</summary>
    private sealed class Pending
    {
        public int Expected;
        public Tensor? Sum;
    }

    private static void Walk(Tensor root, Tensor seed, bool retain, Dictionary<object, Tensor?>? wanted, bool accumulate)
    {
        if (!NoGrad.Recording)
            throw new GraphException("Backward was called where no graph is recorded: inside NoGrad, or inside another backward pass. Gradients of gradients are not offered.");
        if (!root.RequiresGrad)
            throw new GraphException($"{root.Describe()} has no graph: nothing it was computed from requires a gradient, or it was computed inside NoGrad. Mark inputs with WithGrad().");
        using var noGrad = NoGrad.Begin();
        using var scope = root.Device.Scope("the backward pass");

        var pending = CountUses(root);
        var inFlight = new InFlight();
        object start = (object?)root.Creator ?? root;
        inFlight.Arrive(pending[start], seed, scope);
        var ready = new Stack<object>();
        ready.Push(start);
        while (ready.TryPop(out object? node))
        {
            pending.Remove(node, out var arrived);
            var gradient = arrived!.Sum;
            if (gradient is not null) inFlight.Depart(gradient);
            if (gradient is not null) gradient = CallHooks(node, gradient, scope);
            if (gradient is not null && wanted is not null && wanted.ContainsKey(node))
            {
                scope.Keep(gradient.Storage);
                wanted[node] = gradient.Share(0, gradient.Shape);
            }
            if (node is Tensor leaf)
            {
                if (accumulate && gradient is not null) Accumulate(leaf, gradient);
                continue;
            }
            var op = (Op)node;
            var gradients = gradient is null ? new Tensor?[op.Inputs.Count] : op.RunBackward(gradient, retain);
            for (int i = 0; i < gradients.Length; i++)
            {
                if (Node(op.Inputs[i]) is not { } target) continue;
                var entry = pending[target];
                if (gradients[i] is { } part) inFlight.Arrive(entry, part, scope);
                if (--entry.Expected == 0) ready.Push(target);
            }
            if (gradient is not null) inFlight.Consumed(gradient, scope);
        }
    }

    /// <summary>Gradients on their way, and how many share each storage.</summary>
    private sealed class InFlight
    {
        private readonly Dictionary<Storage, int> uses = new(ReferenceEqualityComparer.Instance);

        public void Arrive(Pending entry, Tensor part, Scope scope)
        {
            var sum = part;
            if (entry.Sum is { } before)
            {
                sum = before + part;
                uses[before.Storage]--;
                Consumed(before, scope);
                Consumed(part, scope);
            }
            entry.Sum = sum;
            uses[sum.Storage] = uses.GetValueOrDefault(sum.Storage) + 1;
        }

        public void Depart(Tensor gradient) => uses[gradient.Storage]--;

        /// <summary>Gives back what was consumed, unless a gradient on its way shares it (a reshape, an addition) or somebody keeps it.</summary>
        public void Consumed(Tensor gradient, Scope scope)
        {
            if (uses.GetValueOrDefault(gradient.Storage) > 0) return;
            uses.Remove(gradient.Storage);
            scope.End(gradient.Storage);
        }
    }

    private static object? Node(OpInput edge) => (object?)edge.Producer ?? edge.Leaf;

    private static Dictionary<object, Pending> CountUses(Tensor root)
    {
        var pending = new Dictionary<object, Pending>(ReferenceEqualityComparer.Instance);
        object start = (object?)root.Creator ?? root;
        pending[start] = new Pending();
        var open = new Stack<object>();
        open.Push(start);
        while (open.TryPop(out object? node))
        {
            if (node is not Op op) continue;
            foreach (var edge in op.Inputs)
            {
                if (Node(edge) is not { } target) continue;
                if (!pending.TryGetValue(target, out var entry))
                {
                    pending[target] = entry = new Pending();
                    open.Push(target);
                }
                entry.Expected++;
            }
        }
        return pending;
    }

    private static Tensor? CallHooks(object node, Tensor gradient, Scope scope)
    {
        var hooks = node is Op op ? op.Hooks : ((Tensor)node).Hooks;
        if (hooks is null) return gradient;
        scope.Keep(gradient.Storage);                               // the hook may hold on to it
        foreach (var hook in hooks)
        {
            var replaced = hook(gradient);
            if (replaced is null) continue;
            if (replaced.Shape != gradient.Shape)
                throw new ShapeException($"A hook returned a gradient {replaced.Shape} in place of {gradient.Shape}.");
            gradient = replaced;
            scope.Keep(gradient.Storage);
        }
        return gradient;
    }

    private static void Accumulate(Tensor leaf, Tensor gradient)
    {
        var sum = leaf.Grad is { } before ? before + gradient : gradient.Share(0, gradient.Shape);
        ScopeFrame.Untrack(sum.Storage);                            // a gradient outlives every scope, as its parameter does
        sum.Name = leaf.Name is null ? null : leaf.Name + ".grad";
        leaf.Grad = sum;
        leaf.GradientReady?.Invoke(leaf);
    }
}

public sealed partial class Tensor
{
    private List<Func<Tensor, Tensor?>>? hooks;

    internal List<Func<Tensor, Tensor?>>? Hooks => hooks;

    /// <summary>Called during a backward pass as soon as this leaf's <see cref="Grad"/> is complete.</summary>
    public Action<Tensor>? GradientReady { get; set; }

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
        else (hooks ??= []).Add(hook);
    }
}
