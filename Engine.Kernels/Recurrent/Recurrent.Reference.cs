namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // At each step, for each sequence b that has it: u_k = Σ_i W_ki h_bi + bias_k, then the cell of each unit
    private protected override void RecurrentForwardCore<C>(RecurrentRun run, View weight, View? bias, RecurrentSizes sizes)
    {
        var (layout, units, reverse) = sizes;
        Span<double> w = Values(weight), h = Values(run.H);
        var u = new double[C.Gates * units];
        for (int index = 0; index < layout.Steps; index++)
        {
            var rows = layout.Step(layout.Walked(index, reverse));
            for (int b = 0; b < rows.Count; b++)
            {
                for (int k = 0; k < u.Length; k++)
                {
                    u[k] = bias is { } given ? Values(given)[k] : 0;
                    for (int i = 0; i < units; i++) u[k] += w[k * units + i] * h[b * units + i];
                }
                for (int j = 0; j < units; j++) Forward<C>(run, rows[b], b, j, units, Gates<C>(u, 0, j, units));
            }
        }
    }

    // The steps walked backward: the cell of each unit, then dh_bi += Σ_k du_k W_ki
    private protected override void RecurrentBackwardCore<C>(RecurrentTape tape, RecurrentGradients gradients, View weight, RecurrentSizes sizes)
    {
        var (layout, units, reverse) = sizes;
        Span<double> w = Values(weight), dh = Values(gradients.H), dgates = Values(gradients.Gates);
        int columns = C.Gates * units;
        for (int index = layout.Steps - 1; index >= 0; index--)
        {
            int t = layout.Walked(index, reverse);
            StepRows rows = layout.Step(t), before = layout.Before(t, reverse);
            for (int b = 0; b < rows.Count; b++)
            {
                for (int j = 0; j < units; j++) Backward<C>(tape, gradients, rows[b], b < before.Count ? before[b] : -1, b, j, units);
                for (int k = 0; k < columns; k++)
                {
                    double du = C.SplitsLastGate && k >= columns - units ? Values(gradients.Last!.Value)[rows[b] * units + k - (columns - units)] : dgates[rows[b] * columns + k];
                    for (int i = 0; i < units; i++) dh[b * units + i] += du * w[k * units + i];
                }
            }
        }
    }
}
