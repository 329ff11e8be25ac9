using Engine.Core;

namespace Engine.Layers;

public abstract partial class Optimizer
{
    /// <summary>Whether some rows of a parameter may take a step without the others; false for an optimizer that looks at whole parameters,
    /// which is given whole gradients then.</summary>
    protected virtual bool StepsByRows => true;

    /// <summary>The same step, of the rows that have a gradient.</summary>
    private void UpdateRows(Parameter weight, RowGradient gradient, Buffer[] state, ParameterStep step)
    {
        using var noGrad = NoGrad.Begin();
        var rows = gradient.Indices;
        var touched = new Parameter(weight.Name, weight.Value.GatherRows(rows));
        Buffer[] remembered = Array.ConvertAll(state, buffer => new Buffer(buffer.Name, buffer.Value.GatherRows(rows)));
        // Nothing is changed before here, and nothing stops in the middle of what comes.
        Update(touched, gradient.Values, remembered, step);
        Return(touched, weight);
        for (int i = 0; i < state.Length; i++) Return(remembered[i], state[i]);

        void Return(Buffer some, Buffer all)
        {
            InPlace.SetRows(all, rows, some);
            some.Value.EndStorage(nameof(Step));
        }
    }
}
