using Engine.Core;

namespace Engine.Layers;

/// <summary>Changes parameters by their gradients, a step at a time: <c>ZeroGrad</c>, forward, <c>Backward</c>, <c>Step</c>.</summary>
/// <remarks>Where a gradient is kept as rows (an <see cref="Embedding"/> made with sparse), a step changes these rows alone, and what is remembered
/// for them: the others are neither decayed nor moved by what they did before, as in PyTorch's SparseAdam. Without weight decay, <see cref="Sgd"/>
/// without momentum and <see cref="Adagrad"/> then do bit for bit what they do with the whole gradient, in which the other rows are 0; all others
/// differ, for with them a row goes on moving after its gradient. <see cref="Lamb"/>, which looks at whole parameters, takes the whole gradient.</remarks>
public abstract partial class Optimizer
{
    private readonly Slot[] slots;
    private double firstRate;                                       // what the groups' own rates go with
    private double?[] ownRates;

    /// <summary>What is remembered for one parameter.</summary>
    private sealed class Slot(Parameter parameter, int group)
    {
        public readonly Parameter Parameter = parameter;
        public readonly int Group = group;
        public Buffer[]? State;
        public int Steps;
    }

    /// <summary>An optimizer of these parameters.</summary>
    /// <param name="parameters">Those of a model, or <see cref="ParameterGroups"/>; the frozen ones are passed by.</param>
    /// <param name="learningRate">How far a step goes.</param>
    /// <param name="weightDecay">The factor of weight decay, for groups that have none of their own.</param>
    /// <param name="state">Names of the tensors it remembers for each parameter.</param>
    /// <exception cref="ArgumentException">There are no parameters, or one comes twice, or a learning rate or weight decay is negative or not finite.</exception>
    protected Optimizer(IEnumerable<Parameter> parameters, double learningRate, double weightDecay, params string[] state)
    {
        Groups = parameters is ParameterGroups given ? given.Groups : [new ParameterGroup([.. parameters])];
        slots = [.. Groups.SelectMany((g, i) => g.Parameters.Select(p => new Slot(p, i)))];
        if (slots.Length == 0) throw new ArgumentException("There are no parameters to change. Give it model.Parameters.", nameof(parameters));
        var twice = slots.GroupBy(s => s.Parameter).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null) throw new ArgumentException($"{twice.Key} is given twice, and would take two steps at once.", nameof(parameters));
        StateNames = state;
        LearningRate = learningRate;
        WeightDecay = InRange(weightDecay, double.PositiveInfinity, nameof(weightDecay));
        firstRate = learningRate;
        ownRates = [.. Groups.Select(g => g.LearningRate)];
        if (learningRate == 0 && ownRates.Any(rate => rate is not null))
            throw new ArgumentException("A group's own learning rate is scaled as the optimizer's is, which cannot be from 0. Give one above 0.", nameof(learningRate));
    }

    /// <summary>How far a step goes; may change from step to step, and the groups' own learning rates change in the same measure.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set => field = double.IsFinite(value) && value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A learning rate is 0 or more, and finite.");
    }

    /// <summary>The learning rate that it was made with, from which schedules start.</summary>
    public double FirstLearningRate => firstRate;

    /// <summary>The factor of weight decay, for groups that have none of their own.</summary>
    public double WeightDecay { get; }

    /// <summary>What it was given: one group, unless it was <see cref="ParameterGroups"/>.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>How far a step goes now for each of <see cref="Groups"/>.</summary>
    public IReadOnlyList<double> LearningRates => [.. Enumerable.Range(0, ownRates.Length).Select(RateOf)];

    private double RateOf(int group) => ownRates[group] is not { } rate ? LearningRate : LearningRate == firstRate ? rate : rate * (LearningRate / firstRate);

    /// <summary>Steps taken.</summary>
    public int StepCount { get; private set; }

    private string[] StateNames { get; }

    /// <summary>How many tensors it remembers for each parameter, each as large as that.</summary>
    internal int TensorsPerParameter => StateNames.Length;

    /// <summary>What it remembers, by parameter and name, "fc.weight.momentum"; nothing before the first step.</summary>
    public IEnumerable<KeyValuePair<string, Buffer>> State()
        => from slot in slots from buffer in slot.State ?? [] select KeyValuePair.Create(buffer.Name, buffer);

    /// <summary>Changes each parameter that is trainable and has a gradient.</summary>
    public void Step()
    {
        using var whole = InPlace.Whole();
        StepCount++;
        foreach (var slot in slots)
        {
            var parameter = slot.Parameter;
            if (!parameter.Trainable || parameter.Value.GatheredNumbers is null) continue;
            slot.Steps++;
            slot.State ??= Array.ConvertAll(StateNames, name => NewState(parameter, name));
            foreach (var buffer in slot.State) buffer.To(parameter.Value.Device);
            var step = new ParameterStep(slot.Steps, RateOf(slot.Group), Groups[slot.Group].WeightDecay ?? WeightDecay);
            if (StepsByRows && parameter.Value.GatheredRows is { } rows) UpdateRows(parameter, rows, slot.State, step);
            else Update(parameter, parameter.Value.Gathered!, slot.State, step);
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
    /// <param name="step">Which step of this parameter it is, and by which settings.</param>
    protected abstract void Update(Parameter weight, Tensor gradient, IReadOnlyList<Buffer> state, ParameterStep step);

    /// <summary>What a state's numbers are before the first step: 0 unless overridden.</summary>
    /// <param name="state">One of the names given to the constructor.</param>
    protected virtual double FirstValue(string state) => 0;

    /// <summary>Refuses a setting below 0 or not finite; null is none.</summary>
    internal static double? InRange(double? value, string name) => value is { } given ? InRange(given, double.PositiveInfinity, name) : null;

    /// <summary>Refuses a setting outside its range.</summary>
    private protected static double InRange(double value, double below, string name)
        => value >= 0 && value < below ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is in [0, {below}).");
}

/// <summary>One parameter's step.</summary>
/// <param name="Count">Steps that it has taken, this one included.</param>
/// <param name="LearningRate">How far it goes: its group's.</param>
/// <param name="WeightDecay">The factor of weight decay: its group's.</param>
public readonly record struct ParameterStep(int Count, double LearningRate, double WeightDecay);
