using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class RotaryCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (bool halves in new[] { true, false })
        {
            string pairs = halves ? "halves" : "neighbours";
            // Half a head is 1 number, then around a vector and two.
            foreach (var (heads, width) in new[] { (1, 2), (3, 2), (2, 6), (2, 30), (1, 32), (3, 34), (2, 64), (1, 66) })
                yield return new($"Rotary {heads} heads of {width}, {pairs}", x => x[0].Rotary(heads, 3, halves: halves), Arg.Any(2, 4, heads * width));
            yield return new($"Rotary by a table, {pairs}", x => x[0].Rotary(2, Tensor.RotaryTable(9, 8, 500, x[0].Device), 4, halves), Arg.Any(3, 5, 16));
            yield return new($"Rotary without a batch, {pairs}", x => x[0].Rotary(2, halves: halves), Arg.Any(5, 8));
            yield return new($"Rotary, no steps, {pairs}", x => x[0].Rotary(2, halves: halves), Arg.Any(2, 0, 8));
            yield return new($"Rotary, heads of nothing, {pairs}", x => x[0].Rotary(2, halves: halves), Arg.Any(2, 3, 0));
            yield return new($"Rotary over a grain, {pairs}", x => x[0].Rotary(4, 5, halves: halves), Arg.Any(3, 50, 256)) { Emulate = false };
        }
        yield return new("SinusoidalPositions", x => x[0] * Tensor.SinusoidalPositions(7, 5, x[0].Device, 2), Arg.Any(7, 5));
    }
}
