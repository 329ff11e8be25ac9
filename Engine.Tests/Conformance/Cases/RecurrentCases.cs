using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class RecurrentCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (string cell in new[] { "Lstm", "Gru", "Rnn tanh", "Rnn relu" })
            foreach (bool reverse in new[] { false, true })
            {
                string direction = reverse ? ", reverse" : "";
                // Every part there is and none, and units around a vector.
                yield return Case($"{cell} padded 2x3, 3 units{direction}", cell, SequenceLayout.Padded(2, 3), 4, 3, reverse, biases: true, states: true);
                yield return Case($"{cell} padded 5x4, 16 units, bare{direction}", cell, SequenceLayout.Padded(5, 4), 2, 16, reverse, biases: false, states: false);
                yield return Case($"{cell} packed 4 3 3 1 1, 2 units{direction}", cell, SequenceLayout.Packed(4, 3, 3, 1, 1), 3, 2, reverse, biases: true, states: true);
                yield return Case($"{cell} packed 3 2 2 1 1 1, 17 units, bare{direction}", cell, SequenceLayout.Packed(3, 2, 2, 1, 1, 1), 3, 17, reverse, biases: false, states: false);
                yield return Case($"{cell} packed 3 2, 15 units{direction}", cell, SequenceLayout.Packed(3, 2), 16, 15, reverse, biases: true, states: false);
                // Batches around the processor's tiles, which some sequences leave early, and units around its panels.
                int[] lengths = [.. Enumerable.Range(0, 33).Select(i => 4 - i / 10)];
                var many = Case($"{cell} packed 33 sequences, 33 units{direction}", cell, SequenceLayout.Packed(lengths), 7, 33, reverse, biases: true, states: true);
                yield return many with { Emulate = false, Tolerance = 1e-4, HasGradient = !reverse };
            }
        foreach (string cell in new[] { "Lstm", "Gru", "Rnn tanh", "Rnn relu" })
        {
            yield return Case($"{cell} one step of one unit", cell, SequenceLayout.Padded(1, 1), 1, 1, false, true, true);
            yield return Case($"{cell} one step", cell, SequenceLayout.Padded(5, 1), 3, 17, false, true, true);
            yield return Case($"{cell} one sequence", cell, SequenceLayout.Padded(1, 5), 3, 31, false, true, true);
            yield return Case($"{cell} one sequence of 25 steps", cell, SequenceLayout.Padded(1, 25), 2, 18, true, true, true) with { Emulate = false };
            yield return Case($"{cell} no sequence", cell, SequenceLayout.Padded(0, 2), 3, 2, false, true, true);
            yield return Case($"{cell} no channel", cell, SequenceLayout.Padded(2, 2), 0, 2, false, true, false);
            foreach (int batch in new[] { 13, 14, 15, 29 })
                yield return Case($"{cell} {batch} sequences", cell, SequenceLayout.Padded(batch, 2), 3, 5, false, true, true) with { Emulate = false };
            yield return Case($"{cell} 65 units", cell, SequenceLayout.Padded(6, 3), 20, 65, false, true, true) with { Emulate = false, Tolerance = 1e-4 };
            foreach (string part in cell == "Lstm" ? new[] { "outputs", "hidden", "cell" } : ["outputs", "hidden"])
                yield return Case($"{cell} {part} alone", cell, SequenceLayout.Packed(3, 2), 2, 3, false, true, true, part);
            yield return NaN(cell);
            yield return Case($"{cell} not recorded", cell, SequenceLayout.Padded(2, 3), 2, 17, false, true, true, constant: true);
        }
        yield return Closed();
        yield return new("Lstm weights alone", x => Join(x[0].Lstm(x[1], x[2], null, null, SequenceLayout.Padded(2, 3)), "all", "Lstm"),
            Arg.Any(6, 2).Constant, Arg.Any(12, 2), Arg.Any(12, 3).Constant);
    }

    /// <summary>A state that is no number spoils its own sequence, and no other.</summary>
    private static OpCase NaN(string cell)
    {
        var c = Case($"{cell} NaN in a state", cell, SequenceLayout.Packed(3, 3, 2, 2, 1), 2, 17, false, false, true, constant: true);
        return c with { Arguments = [.. c.Arguments.Select((a, i) => i == 3 ? a with { Map = (u, n) => n == 18 ? float.NaN : 4 * u - 2 } : a)] };
    }

    /// <summary>Outputs' gates that are shut, to 0 and to nearly 0, over cells that are full.</summary>
    private static OpCase Closed()
    {
        const int units = 17;
        var c = Case("Lstm with shut outputs", "Lstm", SequenceLayout.Padded(3, 4), 2, units, false, true, true);
        return c with { Arguments = [.. c.Arguments.Select((a, i) => i == 3 ? a with { Map = (u, n) => n < 3 * units ? 100 * u - 50 : n % 2 == 0 ? -200 : -75 } : a)] };
    }

    private static OpCase Case(string name, string cell, SequenceLayout layout, int channels, int units, bool reverse, bool biases, bool states, string part = "all", bool constant = false)
    {
        int rows = units * cell switch { "Lstm" => 4, "Gru" => 3, _ => 1 };
        bool lstm = cell == "Lstm";
        // Weights so small that many units neither saturate nor blow up; relu units away from their kink by chance alone.
        List<Arg> arguments = [Arg.Any(layout.Rows, channels), Weight(rows, channels), Weight(rows, units)];
        if (biases) arguments.AddRange([Arg.Any(rows), Arg.Any(rows)]);
        if (states) arguments.Add(Arg.Any(layout.Batch, units));
        if (states && lstm) arguments.Add(Arg.Any(layout.Batch, units));
        if (constant) arguments = arguments.ConvertAll(a => a.Constant);
        return new(name, x =>
        {
            int next = 3;
            Tensor? bx = biases ? x[next++] : null, bh = biases ? x[next++] : null, h0 = states ? x[next++] : null, c0 = states && lstm ? x[next] : null;
            var result = cell switch
            {
                "Lstm" => x[0].Lstm(x[1], x[2], bx, bh, layout, h0, c0, reverse),
                "Gru" => x[0].Gru(x[1], x[2], bx, bh, layout, h0, reverse),
                "Rnn tanh" => x[0].Rnn(x[1], x[2], bx, bh, layout, Activation.Tanh, h0, reverse),
                _ => x[0].Rnn(x[1], x[2], bx, bh, layout, Activation.Relu, h0, reverse),
            };
            return Join(result, part, cell);
        }, [.. arguments])
        { HasGradient = !constant };
    }

    private static Tensor Join(RecurrentResult y, string part, string cell) => part switch
    {
        "outputs" => y.Outputs,
        "hidden" => y.Hidden,
        "cell" => y.Cell,
        _ => Tensor.Concat(cell == "Lstm" ? [y.Outputs, y.Hidden, y.Cell] : [y.Outputs, y.Hidden]),
    };

    private static Arg Weight(int rows, int columns) => new([rows, columns], DType.Float32, (u, _) => (2 * u - 1) / MathF.Sqrt(Math.Max(1, columns)), true);
}
