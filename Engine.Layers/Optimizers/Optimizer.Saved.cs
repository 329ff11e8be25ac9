using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

public abstract partial class Optimizer
{
    /// <summary>What a checkpoint saves beside the tensors of <see cref="State"/>: steps, of each parameter too, and the learning rate.</summary>
    internal Dictionary<string, double> SaveNumbers()
    {
        var numbers = new Dictionary<string, double> { ["steps"] = StepCount, ["learning_rate"] = LearningRate };
        foreach (var slot in slots) numbers[$"steps.{slot.Parameter.Name}"] = slot.Steps;
        return numbers;
    }

    /// <summary>Brings it to where it was saved.</summary>
    /// <param name="numbers">From <see cref="SaveNumbers"/>.</param>
    /// <param name="tensors">The tensors of <see cref="State"/> then.</param>
    /// <returns>What does not fit, nothing being changed then; null where all does.</returns>
    internal string? TryRestore(IReadOnlyDictionary<string, double> numbers, SafetensorsFile tensors)
    {
        var problems = new List<string>();
        foreach (string name in numbers.Keys.Except(SaveNumbers().Keys)) problems.Add($"this optimizer has no {name}");
        foreach (string name in SaveNumbers().Keys.Except(numbers.Keys)) problems.Add($"it lacks {name}");
        if (problems.Count > 0) return string.Join(", ", problems);
        foreach (var slot in slots.Where(s => numbers[$"steps.{s.Parameter.Name}"] > 0))
            foreach (string name in StateNames)
            {
                string full = $"{slot.Parameter.Name}.{name}";
                if (!tensors.Contains(full)) problems.Add($"it lacks {full}");
                else if (!tensors[full].Sizes.SequenceEqual(slot.Parameter.Shape.Select(size => (long)size))) problems.Add($"{full} is {tensors[full].Shape} and not {slot.Parameter.Shape}");
            }
        foreach (string name in tensors.Names.Except(slots.SelectMany(s => StateNames.Select(n => $"{s.Parameter.Name}.{n}")))) problems.Add($"this optimizer has no {name}");
        if (problems.Count > 0) return string.Join(", ", problems);
        using var scope = Device.Cpu.Scope(nameof(TryRestore));
        foreach (var slot in slots)
        {
            slot.Steps = (int)numbers[$"steps.{slot.Parameter.Name}"];
            slot.State = slot.Steps == 0 ? null : Array.ConvertAll(StateNames, name => NewState(slot.Parameter, name));
            foreach (var buffer in slot.State ?? []) buffer.CopyFrom(tensors.Read(buffer.Name));
        }
        (StepCount, LearningRate) = ((int)numbers["steps"], numbers["learning_rate"]);
        return null;
    }

    private static Buffer NewState(Parameter parameter, string name) => new($"{parameter.Name}.{name}", Tensor.Zeros(parameter.Shape, parameter.Value.Device));
}
