using Engine.Core;

namespace Engine.Layers;

/// <summary>Changes parameters by their gradients, a step at a time: <c>ZeroGrad</c>, forward, <c>Backward</c>, <c>Step</c>.</summary>
public abstract partial class Optimizer
{
    private readonly Slot[] slots;

    /// <summary>What is remembered for one parameter.</summary>
    private sealed class Slot(Parameter parameter)
    {
        public readonly Parameter Parameter = parameter;
        public Buffer[]? State;
        public int Steps;
    }

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">Those of a model; the frozen ones are passed by.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="state">Names of the tensors it remembers for each parameter, all zero at first.</param>
    /// <exception cref="ArgumentException">There are no parameters, or one comes twice, or the learning rate is negative or not finite.</exception>
    protected Optimizer(IEnumerable<Parameter> parameters, double learningRate, params string[] state)
    {
        slots = [.. parameters.Select(p => new Slot(p))];
        if (slots.Length == 0) throw new ArgumentException("There are no parameters to change. Give it model.Parameters.", nameof(parameters));
        var twice = slots.GroupBy(s => s.Parameter).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null) throw new ArgumentException($"{twice.Key} is given twice, and would take two steps at once.", nameof(parameters));
        StateNames = state;
        LearningRate = learningRate;
    }

    /// <summary>How far a step goes; may change from step to step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set => field = double.IsFinite(value) && value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A learning rate is 0 or more, and finite.");
    }

    /// <summary>Steps taken.</summary>
    public int StepCount { get; private set; }

    private string[] StateNames { get; }

    /// <summary>What it remembers, by parameter and name, "fc.weight.momentum"; nothing before the first step.</summary>
    public IEnumerable<KeyValuePair<string, Buffer>> State()
        => from slot in slots from buffer in slot.State ?? [] select KeyValuePair.Create(buffer.Name, buffer);

    /// <summary>Changes each parameter that is trainable and has a gradient.</summary>
    public void Step()
    {
        StepCount++;
        foreach (var slot in slots)
        {
            var parameter = slot.Parameter;
            if (!parameter.Trainable || parameter.Value.Gathered is not { } gradient) continue;
            slot.Steps++;
            slot.State ??= Array.ConvertAll(StateNames, name => NewState(parameter, name));
            foreach (var buffer in slot.State) buffer.To(parameter.Value.Device);
            Update(parameter, gradient, slot.State, slot.Steps);
        }
    }

    /// <summary>Forgets every gradient.</summary>
    public void ZeroGrad()
    {
        foreach (var slot in slots) slot.Parameter.ZeroGrad();
    }

    /// <summary>Changes one parameter in place.</summary>
    /// <param name="weight">The parameter.</param>
    /// <param name="gradient">Its gradient, which ends with the next <see cref="ZeroGrad"/>: clone it to keep it.</param>
    /// <param name="state">What is remembered for it, in the order of the names given to the constructor.</param>
    /// <param name="step">Steps that it has taken, this one included.</param>
    protected abstract void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, int step);

    /// <summary>Refuses a setting outside its range.</summary>
    private protected static double InRange(double value, double below, string name)
        => value >= 0 && value < below ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is in [0, {below}).");
}
