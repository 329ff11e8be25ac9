using System.Globalization;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

public abstract partial class Optimizer
{
    /// <summary>Copies what it remembers, from which <see cref="LoadState"/> goes on exactly.</summary>
    /// <exception cref="OptimizerStateException">Two parameters have one name.</exception>
    public OptimizerState SaveState()
    {
        RequireNames();
        using var noGrad = NoGrad.Begin();
        return new(GetType().Name, State().ToDictionary(s => s.Key, s => s.Value.Value.Clone()), SaveNumbers());
    }

    /// <summary>Goes on from a state that was saved. Settings of the constructor that are no learning rates stay as they are.</summary>
    /// <param name="state">From <see cref="SaveState"/> of an optimizer of the same kind, of parameters with the same names, in the same groups.</param>
    /// <exception cref="OptimizerStateException">It does not fit; nothing was changed.</exception>
    public void LoadState(OptimizerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        RequireNames();
        string? problem = state.Kind != GetType().Name ? $"it is of {state.Kind}"
            : Problem(state.Numbers, state.Tensors.Keys, name => state.Tensors[name].Shape.Select(size => (long)size));
        problem ??= state.Tensors.Where(t => t.Value.DType != DType.Float32).Select(t => $"{t.Key} is {t.Value.DType} and not Float32").FirstOrDefault();
        if (problem is not null)
            throw new OptimizerStateException($"The state does not fit this {GetType().Name}: {problem}. Make the optimizer as the one that was saved, of the same model.");
        Restore(state.Numbers, name => state.Tensors[name]);
    }

    /// <summary>What a checkpoint saves beside the tensors of <see cref="State"/>: steps, of each parameter too, and the learning rates.</summary>
    internal Dictionary<string, double> SaveNumbers()
    {
        var numbers = new Dictionary<string, double> { ["steps"] = StepCount, ["learning_rate"] = LearningRate };
        foreach (var slot in slots) numbers[$"steps.{slot.Parameter.Name}"] = slot.Steps;
        if (ownRates.Any(rate => rate is not null)) numbers["groups.first_learning_rate"] = firstRate;
        for (int i = 0; i < ownRates.Length; i++)
            if (ownRates[i] is { } rate) numbers[OwnRate(i)] = rate;
        return numbers;
    }

    /// <summary>Brings it to where it was saved.</summary>
    /// <param name="numbers">From <see cref="SaveNumbers"/>.</param>
    /// <param name="tensors">The tensors of <see cref="State"/> then.</param>
    /// <returns>What does not fit, nothing being changed then; null where all does.</returns>
    internal string? TryRestore(IReadOnlyDictionary<string, double> numbers, SafetensorsFile tensors)
    {
        if (Problem(numbers, tensors.Names, name => tensors[name].Sizes) is { } problem) return problem;
        using var scope = Device.Cpu.Scope(nameof(TryRestore));
        Restore(numbers, name => tensors.Read(name));
        return null;
    }

    private string? Problem(IReadOnlyDictionary<string, double> numbers, IEnumerable<string> names, Func<string, IEnumerable<long>> sizesOf)
    {
        var (known, there, problems) = (SaveNumbers().Keys, names.ToHashSet(), new List<string>());
        foreach (string name in numbers.Keys.Except(known)) problems.Add($"this optimizer has no {name}");
        foreach (string name in known.Except(numbers.Keys)) problems.Add($"it lacks {name}");
        if (problems.Count > 0) return string.Join(", ", problems);
        foreach (var (name, count) in numbers)
            if (name.StartsWith("steps", StringComparison.Ordinal) && !(count >= 0 && count <= int.MaxValue && count == Math.Floor(count))) problems.Add($"{name} is {count}");
            else if (!(count >= 0 && double.IsFinite(count))) problems.Add($"{name} is {count}");
        foreach (var slot in slots)
            foreach (string full in StateNames.Select(name => $"{slot.Parameter.Name}.{name}"))
            {
                bool found = there.Remove(full);
                if (numbers[$"steps.{slot.Parameter.Name}"] == 0)
                {
                    if (found) problems.Add($"{full} is of a parameter that has taken no step");
                }
                else if (!found) problems.Add($"it lacks {full}");
                else if (!sizesOf(full).SequenceEqual(slot.Parameter.Shape.Select(size => (long)size)))
                    problems.Add($"{full} is ({string.Join(", ", sizesOf(full))}) and not {slot.Parameter.Shape}");
            }
        foreach (string name in there.Order(StringComparer.Ordinal)) problems.Add($"this optimizer has no {name}");
        return problems.Count > 0 ? string.Join(", ", problems) : null;
    }

    private void Restore(IReadOnlyDictionary<string, double> numbers, Func<string, Tensor> read)
    {
        foreach (var slot in slots)
        {
            slot.Steps = (int)numbers[$"steps.{slot.Parameter.Name}"];
            slot.State = slot.Steps == 0 ? null : Array.ConvertAll(StateNames, name => NewState(slot.Parameter, name));
            foreach (var buffer in slot.State ?? []) buffer.CopyFrom(read(buffer.Name));
        }
        (StepCount, LearningRate) = ((int)numbers["steps"], numbers["learning_rate"]);
        firstRate = numbers.GetValueOrDefault("groups.first_learning_rate", firstRate);
        for (int i = 0; i < ownRates.Length; i++)
            if (ownRates[i] is not null) ownRates[i] = numbers[OwnRate(i)];
    }

    private static string OwnRate(int group) => string.Create(CultureInfo.InvariantCulture, $"groups.{group}.learning_rate");

    private void RequireNames()
    {
        var twice = slots.GroupBy(s => s.Parameter.Name).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new OptimizerStateException($"Two parameters are called {twice.Key}, and a state knows them by name. Register the layers in one model, which gives each a path.");
    }

    private Buffer NewState(Parameter parameter, string name)
        => new($"{parameter.Name}.{name}", Tensor.Full(parameter.Shape, FirstValue(name), parameter.Value.Device));
}
