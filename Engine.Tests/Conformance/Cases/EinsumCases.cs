using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class EinsumCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        yield return Sum("i->", Arg.Any(5));
        yield return Sum("ij->ji", Arg.Any(3, 4));
        yield return Sum("ij->j", Arg.Any(3, 4));
        yield return Sum("ii", Arg.Any(4, 4));
        yield return Sum("ii->i", Arg.Any(4, 4));
        yield return Sum("iij->ji", Arg.Any(3, 3, 2));
        yield return Sum("iii->i", Arg.Any(3, 3, 3));
        yield return Sum("ij,jk", Arg.Any(3, 4), Arg.Any(4, 5));
        yield return Sum("ij,jk->ki", Arg.Any(3, 17), Arg.Any(17, 5));
        yield return Sum("ij,kj->ik", Arg.Any(3, 4), Arg.Any(5, 4));
        yield return Sum("ji,jk->ik", Arg.Any(4, 3), Arg.Any(4, 5));
        yield return Sum("ij,j->i", Arg.Any(3, 4), Arg.Any(4));
        yield return Sum("i,i->", Arg.Any(17), Arg.Any(17));
        yield return Sum("i,j->ij", Arg.Any(3), Arg.Any(4));
        yield return Sum("ij,ij->ij", Arg.Any(3, 4), Arg.Any(3, 4));
        yield return Sum("ij,ji->ij", Arg.Any(3, 4), Arg.Any(4, 3));
        yield return Sum("bij,bjk->bik", Arg.Any(2, 3, 4), Arg.Any(2, 4, 5));
        yield return Sum("bij,jk->bik", Arg.Any(2, 3, 4), Arg.Any(4, 5));
        yield return Sum("bhqd,bhkd->bhqk", Arg.Any(2, 2, 3, 4), Arg.Any(2, 2, 5, 4));
        yield return Sum("bqhd,bkhd->bhqk", Arg.Any(2, 3, 2, 4), Arg.Any(2, 5, 2, 4));
        yield return Sum("ijk,jil->kl", Arg.Any(3, 2, 4), Arg.Any(2, 3, 5));
        yield return Sum("ij,kl->", Arg.Any(2, 3), Arg.Any(3, 2));
        yield return Sum("bn,anm,bm->ba", Arg.Any(2, 5), Arg.Any(3, 5, 4), Arg.Any(2, 4));
        yield return Sum("i,i,i->i", Arg.Any(5), Arg.Any(5), Arg.Any(5));
        yield return Sum("ii,i->", Arg.Any(4, 4), Arg.Any(4));
        yield return Sum("...ij,...jk->...ik", Arg.Any(2, 3, 4), Arg.Any(2, 4, 5));
        yield return Sum("...ij,jk", Arg.Any(2, 2, 3, 4), Arg.Any(4, 5));
        yield return Sum("...ij,...jk->...ik", Arg.Any(2, 1, 3, 4), Arg.Any(3, 4, 2));
        yield return Sum("i...->...", Arg.Any(3, 2, 4));
        yield return Sum("b...,b...->b", Arg.Any(3, 2, 4), Arg.Any(3, 1, 4));
        yield return Sum("ij,j->ij", Arg.Any(3, 1), Arg.Any(4));
        yield return Sum("ij,jk->ik", Arg.Any(3, 0), Arg.Any(0, 5));
        yield return Sum("ij,jk->ik", Arg.Any(0, 4), Arg.Any(4, 5));
        yield return Sum(",i->i", Arg.Any(), Arg.Any(4));
        yield return Sum("ij,jk->ik", Arg.Any(33, 65), Arg.Any(65, 31)) with { Emulate = false, Tolerance = 1e-4 };
    }

    private static OpCase Sum(string equation, params Arg[] operands)
        => new($"Einsum {equation} of {string.Join(", ", operands.Select(operand => operand.Shape))}", x => Tensor.Einsum(equation, x), operands);
}
