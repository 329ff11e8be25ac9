namespace Engine.Tests.Conformance;

public sealed class ElementwiseCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (int n in new[] { 0, 1, 15, 16, 17, 33 })
            yield return new($"Relu {n}", x => x[0].Relu(), Arg.AwayFromZero(n));
        yield return new("Relu over a grain", x => x[0].Relu(), Arg.AwayFromZero(16385)) { Emulate = false };
        yield return new("Add", x => x[0] + x[1], Arg.Any(3, 5), Arg.Any(3, 5));
        yield return new("Add row", x => x[0] + x[1], Arg.Any(3, 5), Arg.Any(5));
        yield return new("Add column", x => x[0] + x[1], Arg.Any(3, 5), Arg.Any(3, 1));
        yield return new("Add scalar", x => x[0] + x[1], Arg.Any(3, 5), Arg.Any());
        yield return new("Multiply", x => x[0] * x[1], Arg.Any(3, 5), Arg.Any(3, 5));
        yield return new("Multiply outer", x => x[0] * x[1], Arg.Any(4, 1, 3), Arg.Any(1, 17, 1));
    }
}
